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
        await Eventually.HoldsAsync(
            "the leader no longer has what the node lacks", async () => await leader.StatusAsync() is { } status && status.FirstIndex > left.Next);
        away.Start();
        await cluster.LeaderAsync();
        await load.GoOnAsync();

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await cluster.AgreeAsync();
        Assert.True((await away.StatusAsync())!.FirstIndex > left.Next);
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
        Assert.True(after.SnapshotIndex > RaftQueue.Contracts.LogIndex.Zero);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_22_a_message_that_is_released_again_and_again_leaves_log_and_disk_bounded()
    {
        const int Releases = 500;
        await using var cluster = await TestCluster.StartAsync(3, Compacting);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("poison");
        await using (var producer = client.CreateProducer<string>("poison"))
            await producer.SendAsync("poison");
        await using var consumer = client.CreateConsumer<string>("poison");
        var released = 0;
        await foreach (var message in consumer)
        {
            Assert.Equal(released + 1, message.DeliveryCount);
            await message.ReleaseAsync();
            if (++released == Releases)
                break;
        }

        foreach (var node in cluster.Nodes)
        {
            await Eventually.HoldsAsync(
                $"{node} keeps less of the log than the releases since its last snapshot",
                async () => await node.StatusAsync() is { } status && status.LastIndex - status.FirstIndex < Releases / 2 && status.LastIndex.Value > Releases);
            Assert.InRange(new FileInfo(node.PathOf("journal.db")).Length, 1, 2 * 1024 * 1024);
        }
    }

    private static Task HasCompactedAsync(TestNode node) =>
        Eventually.HoldsAsync($"{node} has compacted its log", async () => await node.StatusAsync() is ReplicaStatus { FirstIndex.Value: > 50 });
}
