using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Faults;

/// <summary>Snapshots stand in for the log that was before them (§7).</summary>
public sealed class SnapshotSpecs
{
    private static readonly ClusterOptions Compacting = ClusterOptions.Default with { SnapshotEntries = 50, KeptLog = "1 KiB" };

    [Fact]
    public async Task A_node_that_was_away_for_long_catches_up_by_snapshot_and_log()
    {
        await using var cluster = await TestCluster.StartAsync(3, Compacting);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var away = cluster.Without(leader)[0];

        await away.StopAsync();
        var left = (await leader.StatusAsync())!.LastIndex;
        await HasCompactedPastAsync(leader, left);
        away.Start();
        await cluster.LeaderAsync();
        await load.GoOnAsync();

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
        Assert.True((await away.StatusAsync())!.FirstIndex > left.Next);
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F01_A_node_takes_snapshots_while_the_default_kept_log_keeps_all_of_its_log()
    {
        var options = ClusterOptions.Default with { SnapshotEntries = 100, Hocon = "raftqueue.raft.journal-checkpoint = 64 MiB" };
        await using var cluster = await TestCluster.StartAsync(1, options);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await HasSnapshotPastAsync(cluster.Nodes[0], LogIndex.Zero);
        await HasSnapshotPastAsync(cluster.Nodes[0], (await cluster.Nodes[0].StatusAsync())!.SnapshotIndex);
        await load.GoOnAsync();

        Assert.Empty(load.Failures);
        Assert.Equal(new LogIndex(1), (await cluster.Nodes[0].StatusAsync())!.FirstIndex);
        Assert.DoesNotContain("this replica stops", await cluster.Nodes[0].ReadLogAsync(), StringComparison.Ordinal);

        await load.StopAsync();
        await cluster.Nodes[0].CrashAsync();
        cluster.Nodes[0].Start();
        await cluster.LeaderAsync();
        await load.VerifyAsync();
    }

    [Fact]
    public async Task After_a_full_restart_every_node_goes_on_from_its_snapshot()
    {
        await using var cluster = await TestCluster.StartAsync(3, Compacting);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        await Task.WhenAll(cluster.Nodes.Select(HasCompactedAsync));
        await load.VerifyAsync();
        var before = await cluster.AgreeAsync();

        await Task.WhenAll(cluster.Nodes.Select(node => node.CrashAsync()));
        foreach (var node in cluster.Nodes)
            node.Start();
        await cluster.LeaderAsync();

        await load.VerifyAsync();
        var after = await cluster.AgreeAsync();
        Assert.True(after.AppliedIndex > before.AppliedIndex, "The new leader's own entry follows.");
        Assert.True(after.SnapshotIndex > LogIndex.Zero);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_13_an_older_program_refuses_a_newer_ones_snapshot_by_name_and_takes_it_once_it_is_upgraded()
    {
        const int older = 1, newer = 2;
        await using var cluster = TestCluster.Of(3, Compacting);
        foreach (var node in cluster.Nodes)
            node.Start(newer);
        var leader = await cluster.LeaderAsync();
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var behind = cluster.Without(leader)[0];

        await behind.StopAsync();
        var (others, left) = (cluster.Without(behind), (await leader.StatusAsync())!.LastIndex);
        await Task.WhenAll(others.Select(other => HasCompactedPastAsync(other, left)));
        behind.Start(older);

        var refusal = $"{behind} cannot take the leader's snapshot: The snapshot is of machine version {newer}, and {behind} knows none newer than {older}: upgrade it.";
        await Eventually.HoldsAsync("both ends name the refusal", async () =>
            await behind.HasLoggedAsync(refusal) && (await Task.WhenAll(others.Select(other => other.HasLoggedAsync(refusal)))).Contains(true));
        await load.GoOnAsync();
        Assert.NotNull(await behind.StatusAsync());

        await behind.StopAsync();
        behind.Start(newer);
        await cluster.LeaderAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
    }

    private static Task HasCompactedPastAsync(TestNode node, LogIndex left) => Eventually.HoldsAsync(
        $"{node} no longer has what the other lacks", async () => await node.StatusAsync() is { } status && status.FirstIndex > left.Next);

    private static Task HasSnapshotPastAsync(TestNode node, LogIndex index) => Eventually.HoldsAsync(
        $"{node} has a snapshot after {index}", async () => await node.StatusAsync() is { } status && status.SnapshotIndex > index);

    private static Task HasCompactedAsync(TestNode node) =>
        Eventually.HoldsAsync($"{node} has compacted its log", async () => await node.StatusAsync() is ReplicaStatus { FirstIndex.Value: > 50 });
}
