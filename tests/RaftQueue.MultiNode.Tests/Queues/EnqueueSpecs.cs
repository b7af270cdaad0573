using RaftQueue.Client;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Queues are made, and messages stored in them.</summary>
[Collection(SharedCluster.Name)]
public sealed class EnqueueSpecs(SharedCluster shared) : QueueSpecs(shared)
{
    [Fact]
    public async Task Declaring_a_queue_again_changes_nothing()
    {
        Assert.True(await Client.DeclareQueueAsync("declared-twice"));
        Assert.False(await Client.DeclareQueueAsync("declared-twice"));
    }

    [Fact]
    public async Task Declaring_a_queue_with_other_options_is_refused_with_both_shown()
    {
        var queue = await DeclareAsync(new QueueOptions { MaxMessages = 7 });

        var refused = await Assert.ThrowsAsync<RaftQueueException>(() => Client.DeclareQueueAsync(queue, new QueueOptions { MaxMessages = 8 }));

        Assert.Equal(RefusalCode.ConflictingOptions, refused.Code);
        Assert.Contains("MaxMessages = 7", refused.Message);
        Assert.Contains("MaxMessages = 8", refused.Message);
    }

    [Fact]
    public async Task Sequences_rise_by_one_in_the_order_of_sending()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<string>(queue);

        var receipts = await Task.WhenAll(Enumerable.Range(1, 100).Select(i => producer.SendAsync($"{i}")));

        Assert.Equal(Enumerable.Range(1, 100).Select(i => (long)i), receipts.Select(receipt => receipt.Sequence));
        Assert.Equal(Enumerable.Range(1, 100).Select(i => $"{i}"), await StoredAsync(queue));
    }

    [Fact]
    public async Task A_batch_is_stored_one_behind_the_other()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<string>(queue);

        var receipts = await producer.SendBatchAsync(["a", "b", "c"]);

        Assert.Equal([1, 2, 3], receipts.Select(receipt => receipt.Sequence));
        Assert.Equal(["a", "b", "c"], await StoredAsync(queue));
    }

    [Fact]
    public async Task A_batch_that_does_not_fit_is_refused_whole()
    {
        var queue = await DeclareAsync(new QueueOptions { MaxMessages = 2 });
        await using var producer = Client.CreateProducer<string>(queue);

        await Assert.ThrowsAsync<QueueFullException>(() => producer.SendBatchAsync(["a", "b", "c"]));

        Assert.Empty(await StoredAsync(queue));
    }

    [Fact]
    public async Task A_full_queue_refuses_and_takes_messages_again_when_one_has_gone()
    {
        var queue = await DeclareWithAsync(new QueueOptions { MaxMessages = 1 }, "first");
        await using var producer = Client.CreateProducer<string>(queue);
        await Assert.ThrowsAsync<QueueFullException>(() => producer.SendAsync("too many"));

        await (await ReceiveOneAsync(queue)).AckAsync();
        await producer.SendAsync("second");

        Assert.Equal(["second"], await StoredAsync(queue));
    }

    [Fact]
    public async Task A_full_queue_that_drops_its_oldest_sends_it_to_the_dead_letter_queue()
    {
        var dead = await DeclareAsync();
        var queue = await DeclareAsync(new QueueOptions { MaxMessages = 2, Overflow = OverflowPolicy.DropOldest, DeadLetterQueue = new(dead) });

        foreach (var text in new[] { "a", "b", "c" })
            await SendAsync(queue, text);

        Assert.Equal(["b", "c"], await StoredAsync(queue));
        Assert.Equal(["a"], await StoredAsync(dead));
    }

    [Fact]
    public async Task Purging_removes_what_nobody_holds()
    {
        var queue = await DeclareWithAsync(null, "held", "a", "b");
        var held = await ReceiveOneAsync(queue);

        Assert.Equal(2, await Client.PurgeQueueAsync(queue));

        await held.ReleaseAsync();
        Assert.Equal(["held"], await StoredAsync(queue));
    }

    [Fact]
    public async Task A_deleted_queue_is_unknown()
    {
        var queue = await DeclareWithAsync(null, "a");

        await Client.DeleteQueueAsync(queue);

        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.GetQueueStatsAsync(queue));
        Assert.Empty(await Client.ListQueuesAsync(queue));
    }

    [Fact]
    public async Task Stats_count_what_is_ready_leased_and_done()
    {
        var queue = await DeclareWithAsync(null, "a", "b", "c");
        await (await ReceiveOneAsync(queue)).AckAsync();
        await ReceiveOneAsync(queue);

        var stats = await Client.GetQueueStatsAsync(queue);

        Assert.Equal((1, 1, 3, 1), (stats.Ready, stats.Leased, stats.Enqueued, stats.Acknowledged));
        Assert.Equal((2, 4), (stats.FirstSequence, stats.NextSequence));
    }

    [Fact]
    public async Task Registered_types_and_properties_come_back_as_they_were_sent()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<Order>(queue);
        var properties = new MessageProperties
        {
            MessageId = "m1",
            CorrelationId = "c1",
            Headers = new Dictionary<string, string> { ["region"] = "north" },
        };

        await producer.SendAsync(new Order(7, "Ada"), properties);

        var received = Assert.Single(await Client.ReceiveAsync<Order>(queue, 1, Wait));
        Assert.Equal(new Order(7, "Ada"), received.Payload);
        Assert.Equal(("m1", "c1", "north"), (received.Properties.MessageId, received.Properties.CorrelationId, received.Properties.Headers["region"]));
        await received.AckAsync();
    }
}
