using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Faults;

/// <summary>The leader goes, the others go on.</summary>
public sealed class LeaderLossSpecs
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task After_the_leader_crashes_clients_go_on_and_nothing_is_lost_or_stored_twice(int members)
    {
        await using var cluster = await TestCluster.StartAsync(members);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var old = await cluster.LeaderAsync();
        var term = (await old.StatusAsync())!.Term;

        await old.CrashAsync();
        await load.GoOnAsync();

        var leader = await cluster.LeaderAsync();
        Assert.NotSame(old, leader);
        Assert.True((await leader.StatusAsync())!.Term > term);
        old.Start();
        await load.GoOnAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_leader_that_crashes_again_and_again_comes_back_with_all_it_confirmed()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        for (var round = 0; round < 3; round++)
        {
            var leader = await cluster.LeaderAsync();
            await leader.CrashAsync();
            await load.GoOnAsync();
            leader.Start();
            await cluster.LeaderAsync();
        }

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_follower_that_crashes_is_not_noticed_by_clients()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;

        var follower = cluster.Without(leader)[0];
        await follower.CrashAsync();
        await load.GoOnAsync();
        follower.Start();
        await cluster.LeaderAsync();

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        var agreed = await cluster.AgreeAsync();
        Assert.Equal(term, agreed.Term);
    }
}
