using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Pitfalls of other queues, on a cluster with disks and a client at the other end of a wire.</summary>
[Trait("Category", "Pitfall")]
public sealed class QueuePitfalls
{
    private const string Queue = "jobs";
    private const string Dead = "dead-jobs";
    private static readonly TimeSpan ShortLease = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Pitfall_20_a_consumer_that_slept_past_its_lease_cannot_settle_what_another_holds_not_even_at_the_next_leader()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await DeclareAsync(cluster, null, "a");
        var slept = Assert.Single(await client.ReceiveAsync<string>(Queue, 1, Wait, ShortLease));
        var holder = Assert.Single(await client.ReceiveAsync<string>(Queue, 1, Wait));
        Assert.True(holder.FencingToken > slept.FencingToken);

        await Assert.ThrowsAsync<StaleLeaseException>(() => slept.AckAsync());
        await (await cluster.LeaderAsync()).CrashAsync();

        // The next leader has the fencing in its state; what was refused once stays refused.
        await Assert.ThrowsAsync<StaleLeaseException>(() => slept.RejectAsync("too late"));
        Assert.Equal(1, (await client.GetQueueStatsAsync(Queue)).Leased);
        await holder.AckAsync();
        Assert.Equal((0, 0), await LeftAsync(client));
    }

    [Fact]
    public async Task Pitfall_22_a_message_that_is_released_thousands_of_times_fills_neither_log_nor_disk()
    {
        const int releases = 3_000;
        await using var cluster = await TestCluster.StartAsync(1, ClusterOptions.Default with { SnapshotEntries = 200, KeptLog = "1 KiB" });
        var client = await DeclareAsync(cluster, null, "hot potato");
        await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = 1 });
        var node = cluster.Nodes[0];
        long warm = 0;

        await foreach (var message in consumer)
        {
            await message.ReleaseAsync();
            if (message.DeliveryCount == releases / 3)
                warm = node.DataBytes;
            if (message.DeliveryCount == releases)
                break;
        }

        var status = (await node.StatusAsync())!;
        Assert.True(status.LastIndex.Value > releases, $"the log ends at {status.LastIndex}: this tests nothing");
        Assert.True(status.LastIndex.Value - status.FirstIndex.Value < 1_000, $"the log holds {status.FirstIndex} to {status.LastIndex}");
        // Write-ahead files stay as large as they once were; what grows with the releases would have tripled.
        Assert.True(node.DataBytes < (2 * warm) + (1 << 20), $"{node.DataBytes} bytes on disk, {warm} after a third of the releases");
    }

    [Fact]
    public async Task Pitfall_24_a_poison_message_takes_none_of_its_prefetched_neighbours_along()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Dead);
        await DeclareAsync(cluster, new QueueOptions { DeliveryLimit = 3, DeadLetterQueue = new(Dead) }, "poison", "b", "c", "d");

        // Each time all four are prefetched, the first is started, and the consumer goes.
        for (var death = 0; death < 3; death++)
        {
            await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = 4 });
            await foreach (var message in consumer)
            {
                Assert.Equal(("poison", death + 1), (message.Payload, message.DeliveryCount));
                break;
            }
        }

        Assert.Equal(["poison"], (await QueueContents.ReadAsync(client, Dead)).Values);
        var neighbours = await client.ReceiveAsync<string>(Queue, 10, Wait);
        Assert.Equal([("b", 1), ("c", 1), ("d", 1)], neighbours.Select(message => (message.Payload, message.DeliveryCount)));
    }

    private static async Task<RaftQueueClient> DeclareAsync(TestCluster cluster, QueueOptions? options, params string[] texts)
    {
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue, options);
        await using var producer = client.CreateProducer<string>(Queue);
        await producer.SendBatchAsync(texts);
        return client;
    }

    private static async Task<(long Ready, long Leased)> LeftAsync(RaftQueueClient client) =>
        await client.GetQueueStatsAsync(Queue) is var stats ? (stats.Ready, stats.Leased) : default;
}
