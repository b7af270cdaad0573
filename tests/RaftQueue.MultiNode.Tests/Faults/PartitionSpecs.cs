using System.Diagnostics;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Faults;

/// <summary>The network is cut between some of the nodes, and heals.</summary>
public sealed class PartitionSpecs
{
    private static readonly ClusterOptions Cuttable = ClusterOptions.Default with { CanCutLinks = true };

    private static readonly ClusterOptions Calm = ClusterOptions.Calm with { CanCutLinks = true };

    // Check-quorum looks back over one election timeout at each heartbeat; the rest is for a busy machine.
    private static readonly TimeSpan CheckQuorumTime = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_leader_cut_off_with_a_minority_stops_confirming_and_the_majority_goes_on()
    {
        await using var cluster = await TestCluster.StartAsync(5, Cuttable);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var old = await cluster.LeaderAsync();
        TestNode[] minority = [old, cluster.Without(old)[0]];
        var majority = cluster.Nodes.Except(minority).ToList();

        await cluster.Links.IsolateAsync(minority);
        var watch = Stopwatch.StartNew();
        await Eventually.HoldsAsync("the old leader steps down", async () => await old.StatusAsync() is { Role: not "Leader" }, CheckQuorumTime);
        Assert.True(watch.Elapsed < CheckQuorumTime);
        await cluster.LeaderAmongAsync(majority);
        await load.GoOnAsync();

        await cluster.Links.HealAsync();
        await cluster.LeaderAsync();
        await load.GoOnAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task What_a_cut_off_leader_took_in_is_never_confirmed_and_gone_after_healing()
    {
        await using var cluster = await TestCluster.StartAsync(3, Calm);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        var old = await cluster.LeaderAsync();

        await cluster.Links.IsolateAsync(old);
        var reply = await old.AskAsync(Commands.Enqueue("orders", "in the minority"));
        Assert.True(Assert.IsType<NotLeader>(reply).OutcomeUnknown);

        var leader = await cluster.LeaderAmongAsync(cluster.Without(old));
        Assert.IsType<Enqueued>(await leader.AskAsync(Commands.Enqueue("orders", "in the majority")));
        await cluster.Links.HealAsync();
        await cluster.LeaderAsync();
        await cluster.AgreeAsync();
        Assert.Equal(["in the majority"], (await QueueContents.ReadAsync(client, "orders")).Values);
    }

    [Fact]
    public async Task A_cut_off_leader_answers_no_reads_from_its_old_state()
    {
        await using var cluster = await TestCluster.StartAsync(3, Cuttable);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        var old = await cluster.LeaderAsync();

        await cluster.Links.IsolateAsync(old);

        // It cannot know whether it still leads, so it waits for a majority that never answers (ReadIndex, §8).
        Assert.IsType<NotLeader>(await old.AskAsync(new GetQueueStats(new("orders"))));
    }

    [Fact]
    public async Task A_follower_that_was_cut_off_comes_back_without_an_election()
    {
        await using var cluster = await TestCluster.StartAsync(3, Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        var alone = cluster.Without(leader)[0];

        await cluster.Links.IsolateAsync(alone);
        await Eventually.HoldsAsync("it campaigns in vain", async () => await alone.StatusAsync() is { Role: "Candidate" });
        await load.GoOnAsync();
        await cluster.Links.HealAsync();

        Assert.Same(leader, await cluster.LeaderAsync());
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        Assert.Equal(term, (await cluster.AgreeAsync()).Term);
    }

    [Fact]
    public async Task A_follower_that_only_cannot_hear_the_leader_does_not_disturb_it()
    {
        await using var cluster = await TestCluster.StartAsync(3, Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        var deaf = cluster.Without(leader)[0];

        await cluster.Links.CutOneWayAsync(leader, deaf);
        await Eventually.HoldsAsync("it campaigns in vain", async () => await deaf.StatusAsync() is { Role: "Candidate" });
        await load.GoOnAsync();

        // The other follower hears the leader and so gives no vote (dissertation, §4.2.3).
        Assert.Equal(("Leader", term), ((await leader.StatusAsync())!.Role, (await leader.StatusAsync())!.Term));
        await cluster.Links.HealAsync();
        Assert.Same(leader, await cluster.LeaderAsync());
        await load.VerifyAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_leader_that_is_heard_but_hears_nobody_steps_down()
    {
        await using var cluster = await TestCluster.StartAsync(3, Cuttable);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var old = await cluster.LeaderAsync();
        var others = cluster.Without(old);

        foreach (var other in others)
            await cluster.Links.CutOneWayAsync(other, old);

        await Eventually.HoldsAsync("it steps down", async () => await old.StatusAsync() is { Role: not "Leader" }, CheckQuorumTime);
        await cluster.LeaderAmongAsync(others);
        await load.GoOnAsync();
        await cluster.Links.HealAsync();
        await cluster.LeaderAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }
}
