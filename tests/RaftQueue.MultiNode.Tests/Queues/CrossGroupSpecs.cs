using RaftQueue.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>A queue and its dead-letter queue in different groups, led by different nodes.</summary>
public sealed class CrossGroupSpecs
{
    private const int Groups = 2;
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);
    private static readonly string Orders = NameIn("orders", 0), Dead = NameIn("dead", 1);

    [Fact]
    public async Task A_rejected_message_arrives_in_the_other_group_with_its_past_and_a_redrive_brings_it_back()
    {
        await using var cluster = await StartAsync();
        var client = await cluster.ConnectAsync();
        await DeclareAsync(client);
        await SendAsync(client, "a", "b");
        foreach (var message in await client.ReceiveAsync<string>(Orders, 2, Wait))
            await message.RejectAsync($"no such customer as {message.Payload}");
        await EmptiesAsync(client, Orders);

        var letters = await client.PeekAsync<string>(Dead, 1, 10);
        Assert.Equal(["a", "b"], letters.Select(letter => letter.Payload));
        Assert.Equal(["no such customer as a", "no such customer as b"], letters.Select(letter => letter.DeadLetter!.Reason));
        Assert.All(letters, letter => Assert.Equal((Orders, DeadLetterCause.Rejected), (letter.DeadLetter!.Source.Value, letter.DeadLetter.Cause)));

        Assert.Equal(2, (await client.RedriveAsync(Dead)).Moved);
        var back = new List<string>();
        while (back.Count < 2)
        {
            foreach (var message in await client.ReceiveAsync<string>(Orders, 2, Wait))
            {
                back.Add(message.Payload);
                await message.AckAsync();
            }
        }

        Assert.Equal(["a", "b"], back);
        await EmptiesAsync(client, Dead);
        Assert.All(await client.PeekAsync<string>(Orders), message => Assert.Null(message.DeadLetter));
    }

    [Fact]
    public async Task A_message_is_explained_on_both_sides()
    {
        await using var cluster = await StartAsync();
        var client = await cluster.ConnectAsync();
        await DeclareAsync(client);
        await SendAsync(client, "bad");
        await Assert.Single(await client.ReceiveAsync<string>(Orders, 1, Wait)).RejectAsync("no such customer");
        await EmptiesAsync(client, Orders);

        var told = await client.ExplainAsync(Orders, 1);
        Assert.Equal(
            [MessageEventKind.Enqueued, MessageEventKind.Delivered, MessageEventKind.Rejected, MessageEventKind.DeadLettered, MessageEventKind.TransferConfirmed],
            told.Events.Select(happened => happened.Kind));
        Assert.Equal(MessageStanding.Gone, told.Now);
        Assert.Equal(MessageEventKind.ArrivedAsDeadLetter, Assert.Single((await client.ExplainAsync(Dead, 1)).Events).Kind);
    }

    [Fact]
    public async Task A_circle_of_dead_letter_queues_through_both_groups_is_refused()
    {
        await using var cluster = await StartAsync();
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Orders, new QueueOptions { DeadLetterQueue = new(Dead) });

        var refused = await Assert.ThrowsAsync<RaftQueueException>(() => client.DeclareQueueAsync(Dead, new QueueOptions { DeadLetterQueue = new(Orders) }));

        Assert.Equal(RefusalCode.DeadLetterCycle, refused.Code);
        Assert.Contains($"{Dead} -> {Orders} -> {Dead}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task While_the_leader_of_either_group_crashes_every_dead_letter_arrives_once(int group)
    {
        const int count = 300;
        await using var cluster = await StartAsync();
        var client = await cluster.ConnectAsync();
        await DeclareAsync(client);
        await SendAsync(client, [.. Enumerable.Range(1, count).Select(i => $"{i}")]);

        var rejecting = RejectAllAsync(client, count);
        await Eventually.HoldsAsync("some have arrived", async () => await ArrivedAsync(client) > count / 10);
        var crashed = await cluster.LeaderAsync(group);
        await crashed.CrashAsync();
        await rejecting;
        await EmptiesAsync(client, Orders);

        Assert.Equal(Enumerable.Range(1, count), (await QueueContents.ReadAsync(client, Dead)).Values.Select(int.Parse).Order());
        crashed.Start();
        await Task.WhenAll(Enumerable.Range(0, Groups).Select(cluster.AgreeAsync));
        Assert.Equal(count, (await client.GetQueueStatsAsync(Dead)).Enqueued);
    }

    [Fact]
    public async Task What_waits_for_room_in_another_group_is_seen_outlives_a_full_restart_and_arrives_in_order()
    {
        await using var cluster = await StartAsync(ClusterOptions.Default with { SnapshotEntries = 20, KeptLog = "1 KiB" });
        var client = await cluster.ConnectAsync();
        await DeclareAsync(client);
        await SendAsync(client, [.. Enumerable.Range(1, 40).Select(i => $"{i}")]);
        await RejectAllAsync(client, 40);
        await EmptiesAsync(client, Orders);

        // Back to a queue with room for ten of them: the rest wait in the outbox.
        var small = NameIn("small", 0);
        await client.DeclareQueueAsync(small, new QueueOptions { MaxMessages = 10 });
        Assert.Equal(40, (await client.RedriveAsync(Dead, new RedriveOptions { Target = small })).Moved);
        await Eventually.HoldsAsync("thirty wait", async () => (await client.GetQueueStatsAsync(Dead)).InTransit == 30);
        await Task.WhenAll(cluster.Nodes.Select(node => node.CrashAsync()));
        foreach (var node in cluster.Nodes)
            node.Start();
        await Task.WhenAll(Enumerable.Range(0, Groups).Select(number => cluster.LeaderAsync(number)));
        Assert.Equal(30, (await client.GetQueueStatsAsync(Dead)).InTransit);

        var received = new List<string>();
        while (received.Count < 40)
        {
            foreach (var message in await client.ReceiveAsync<string>(small, 10, Wait))
            {
                received.Add(message.Payload);
                await message.AckAsync();
            }
        }

        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"{i}"), received);
        await EmptiesAsync(client, Dead);
    }

    private static string NameIn(string prefix, int group) =>
        Enumerable.Range(0, 100).Select(i => $"{prefix}-{i}").First(name => new RaftQueue.Contracts.QueueName(name).GroupOf(Groups).Value == group);

    /// <summary>Three nodes; the groups are led by two of them.</summary>
    private static async Task<TestCluster> StartAsync(ClusterOptions? options = null)
    {
        var cluster = await TestCluster.StartAsync(3, (options ?? ClusterOptions.Default) with { Groups = Groups });
        var client = await cluster.ConnectAsync();
        var first = await cluster.LeaderAsync(0);
        if (await cluster.LeaderAsync(1) == first)
            await client.Admin.TransferLeadershipAsync(cluster.Without(first)[0].Name, group: 1);
        Assert.NotSame(first, await cluster.LeaderAsync(1));
        return cluster;
    }

    private static async Task DeclareAsync(RaftQueueClient client)
    {
        await client.DeclareQueueAsync(Dead);
        await client.DeclareQueueAsync(Orders, new QueueOptions { DeadLetterQueue = new(Dead) });
    }

    private static async Task SendAsync(RaftQueueClient client, params string[] texts)
    {
        await using var producer = client.CreateProducer<string>(Orders);
        await producer.SendBatchAsync(texts);
    }

    // A message whose rejection was interrupted may have been rejected, or comes again.
    private static async Task RejectAllAsync(RaftQueueClient client, int count)
    {
        while ((await client.GetQueueStatsAsync(Orders)).DeadLettered < count)
        {
            foreach (var message in await client.ReceiveAsync<string>(Orders, 10, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2)))
            {
                try
                {
                    await message.RejectAsync("");
                }
                catch (StaleLeaseException)
                {
                    // It comes again, where it was not rejected.
                }
            }
        }
    }

    private static async Task<long> ArrivedAsync(RaftQueueClient client) => (await client.GetQueueStatsAsync(Dead)).Enqueued;

    private static Task EmptiesAsync(RaftQueueClient client, string queue) => Eventually.HoldsAsync(
        $"nothing of {queue} is on its way", async () => (await client.GetQueueStatsAsync(queue)).InTransit == 0);
}
