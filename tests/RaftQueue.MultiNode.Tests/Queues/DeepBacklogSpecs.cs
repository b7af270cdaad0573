using Microsoft.Data.Sqlite;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>A backlog that is larger than the cache lies on disk, and nobody can tell (P7).</summary>
public sealed class DeepBacklogSpecs
{
    private const string Queue = "deep";
    private const int Messages = 60;
    private const int BodyLength = 150_000; // six to a segment
    private static readonly ClusterOptions NoCache = ClusterOptions.Default with { SnapshotEntries = 10, SegmentCache = "1 KiB", KeptLog = "1 KiB" };

    [Fact]
    public async Task A_backlog_without_cache_is_peeked_and_delivered_in_order_across_a_change_of_leader_and_a_restart()
    {
        await using var cluster = await TestCluster.StartAsync(3, NoCache);
        var client = await cluster.ConnectAsync();
        await FillAsync(cluster, client);
        var stored = await QueueContents.ReadAsync(client, Queue);
        Assert.Equal(Enumerable.Range(1, Messages).Select(BodyOf), stored.Values);

        var received = new List<string>();
        await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = 5 });
        await TakeAsync(consumer, received, Messages / 3);
        var leader = await cluster.LeaderAsync();
        await leader.CrashAsync();
        await TakeAsync(consumer, received, Messages / 3);
        leader.Start();
        await cluster.LeaderAsync();
        await TakeAsync(consumer, received, Messages - received.Count);

        // What was settled as the leader went down may come once more.
        Assert.Equal(Enumerable.Range(1, Messages).Select(BodyOf), received.Distinct());
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task A_damaged_segment_of_a_backlog_is_named_and_another_node_delivers()
    {
        await using var cluster = await TestCluster.StartAsync(3, NoCache);
        var client = await cluster.ConnectAsync();
        await FillAsync(cluster, client);
        var leader = await cluster.LeaderAsync();
        await DamageSegmentsAsync(leader);

        var received = new List<string>();
        await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = 5 });
        await TakeAsync(consumer, received, Messages);
        Assert.Equal(Enumerable.Range(1, Messages).Select(BodyOf), received.Distinct());
        var log = await leader.ReadLogAsync();
        Assert.Contains("this replica stops, because it failed: Segment", log, StringComparison.Ordinal);
        Assert.Contains("is damaged", log, StringComparison.Ordinal);
    }

    private static string BodyOf(int number) => $"{number}-".PadRight(BodyLength, (char)('a' + (number % 26)));

    private static async Task FillAsync(TestCluster cluster, RaftQueueClient client)
    {
        await client.DeclareQueueAsync(Queue);
        await using (var producer = client.CreateProducer<string>(Queue))
        {
            for (var i = 1; i <= Messages; i++)
                await producer.SendAsync(BodyOf(i));
        }

        foreach (var node in cluster.Nodes)
        {
            await Eventually.HoldsAsync(
                $"{node} has most of the backlog in snapshots", async () => await node.StatusAsync() is { } status && status.SnapshotIndex.Value > Messages / 2);
        }
    }

    private static async Task TakeAsync(Consumer<string> consumer, List<string> received, int count)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var before = received.Distinct().Count();
        await foreach (var message in consumer.ReadAllAsync(deadline.Token))
        {
            received.Add(message.Payload);
            await message.AckAsync();
            if (received.Distinct().Count() - before >= count)
                return;
        }
    }

    private static async Task DamageSegmentsAsync(TestNode node)
    {
        await using var connection = new SqliteConnection($"Data Source={node.PathOf("snapshots.db")};Pooling=False");
        await connection.OpenAsync();
        var segments = new List<(long Row, byte[] Bytes)>();
        await using (var select = connection.CreateCommand())
        {
            select.CommandText = "select rowid, snapshot from snapshot where persistence_id like '%/snapshot/segment-%'";
            await using var rows = await select.ExecuteReaderAsync();
            while (await rows.ReadAsync())
                segments.Add((rows.GetInt64(0), (byte[])rows.GetValue(1)));
        }

        Assert.NotEmpty(segments);
        foreach (var (row, bytes) in segments)
        {
            bytes[bytes.Length / 2] ^= 1;
            await using var update = connection.CreateCommand();
            update.CommandText = "update snapshot set snapshot = @bytes where rowid = @row";
            update.Parameters.AddWithValue("@bytes", bytes);
            update.Parameters.AddWithValue("@row", row);
            await update.ExecuteNonQueryAsync();
        }
    }
}
