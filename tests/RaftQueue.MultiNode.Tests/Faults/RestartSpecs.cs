using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Faults;

/// <summary>Nodes stop and come back with their data.</summary>
public sealed class RestartSpecs
{
    [Fact]
    public async Task A_rolling_restart_fails_no_send()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());

        foreach (var node in cluster.Nodes)
        {
            await node.StopAsync();
            await load.GoOnAsync();
            node.Start();
            await cluster.LeaderAsync();
        }

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_leader_that_stops_hands_over_first()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var old = await cluster.LeaderAsync();
        var term = (await old.StatusAsync())!.Term;

        await old.StopAsync();

        // One term further, and not more: nobody campaigned but the one who was told to (dissertation, §3.10).
        var leader = await cluster.LeaderAsync();
        Assert.Equal(term.Value + 1, (await leader.StatusAsync())!.Term.Value);
        await load.GoOnAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_full_restart_all_confirmed_messages_are_there(bool inGoodOrder)
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());

        await Task.WhenAll(cluster.Nodes.Select(node => inGoodOrder ? node.StopAsync() : node.CrashAsync()));
        foreach (var node in cluster.Nodes)
            node.Start();
        await cluster.LeaderAsync();

        await load.GoOnAsync();
        await load.VerifyAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_restart_changes_neither_term_nor_state()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await load.VerifyAsync();
        var before = await cluster.AgreeAsync();
        var follower = cluster.Without(await cluster.LeaderAsync())[0];

        await follower.StopAsync();
        follower.Start();
        await cluster.LeaderAsync();

        var after = await cluster.AgreeAsync();
        Assert.Equal((before.Term, before.AppliedIndex, before.Digest), (after.Term, after.AppliedIndex, after.Digest));
    }
}
