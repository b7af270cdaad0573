using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Membership;

/// <summary>Leadership goes over on request (dissertation, §3.10).</summary>
public sealed class TransferSpecs
{
    [Fact]
    public async Task Leadership_goes_around_under_load_and_no_send_fails()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);

        foreach (var target in cluster.Nodes.Concat(cluster.Nodes))
        {
            if (await cluster.LeaderAsync() == target)
                continue;
            Assert.Equal(target.Name, await client.Admin.TransferLeadershipAsync(target.Name));
            Assert.Same(target, await cluster.LeaderAsync());
            await load.GoOnAsync();
        }

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task Leadership_is_not_handed_to_a_stranger_and_the_leader_goes_on()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        var leader = await cluster.LeaderAsync();

        var refused = await Assert.ThrowsAsync<RaftQueueException>(() => client.Admin.TransferLeadershipAsync("n9"));

        Assert.Equal(RefusalCode.MembershipRefused, refused.Code);
        Assert.Same(leader, await cluster.LeaderAsync());
    }

    [Fact]
    public async Task Two_groups_have_leaders_of_their_own()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Default with { Groups = 2 });
        var client = await cluster.ConnectAsync();
        var first = await cluster.LeaderAsync(group: 0);
        var other = cluster.Without(first)[0];
        if (await cluster.LeaderAsync(group: 1) != other)
            await client.Admin.TransferLeadershipAsync(other.Name, group: 1);

        Assert.Same(first, await cluster.LeaderAsync(group: 0));
        Assert.Same(other, await cluster.LeaderAsync(group: 1));
        await using var inFirst = await Load.StartAsync(client, NameIn(group: 0));
        await using var inSecond = await Load.StartAsync(client, NameIn(group: 1));
        await other.CrashAsync();
        await inFirst.GoOnAsync();
        await inSecond.GoOnAsync();
        await inFirst.VerifyAsync();
        await inSecond.VerifyAsync();
        Assert.Equal([NameIn(0), NameIn(1)], (await client.ListQueuesAsync()).Select(stats => stats.Queue.Value).Order());
        await cluster.AgreeAsync(group: 0);
        await cluster.AgreeAsync(group: 1);
    }

    private static string NameIn(int group) =>
        Enumerable.Range(0, 100).Select(i => $"load-{i:00}").First(name => new QueueName(name).GroupOf(2) == new GroupId(group));
}
