using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Delays, times to live, message groups and the single active consumer.</summary>
[Collection(SharedCluster.Name)]
public sealed class OrderAndTimeSpecs(SharedCluster shared) : QueueSpecs(shared)
{
    [Fact]
    public async Task A_delayed_message_comes_when_it_is_due_and_not_before()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<string>(queue);
        await producer.SendAsync("later", new MessageProperties { Delay = TimeSpan.FromSeconds(1) });
        await producer.SendAsync("now");

        Assert.Equal(1, (await Client.GetQueueStatsAsync(queue)).Delayed);
        Assert.Equal("now", (await ReceiveOneAsync(queue)).Payload);
        var late = await ReceiveOneAsync(queue);
        Assert.Equal("later", late.Payload);
        Assert.True(late.LeaseUntil - TimeSpan.FromMinutes(1) >= late.EnqueuedAt + TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_message_past_its_time_to_live_goes_to_the_dead_letter_queue()
    {
        var dead = await DeclareAsync();
        var queue = await DeclareAsync(new QueueOptions { DeadLetterQueue = new(dead) });
        await using var producer = Client.CreateProducer<string>(queue);

        await producer.SendAsync("brief", new MessageProperties { TimeToLive = TimeSpan.FromMilliseconds(200) });
        await producer.SendAsync("lasting");

        // Nobody sends anything meanwhile: the leader moves log time on by itself.
        await BecomesAsync(dead, "the brief one has expired", stats => stats.Ready == 1);
        Assert.Equal(["lasting"], await StoredAsync(queue));
    }

    [Fact]
    public async Task Messages_of_a_group_come_one_at_a_time_and_hold_up_no_other_group()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<string>(queue);
        foreach (var (text, group) in new[] { ("a1", "a"), ("a2", "a"), ("b1", "b") })
            await producer.SendAsync(text, new MessageProperties { GroupKey = group });

        var first = await Client.ReceiveAsync<string>(queue, 3, Wait);
        Assert.Equal(["a1", "b1"], first.Select(message => message.Payload));

        await first[0].AckAsync();
        Assert.Equal("a2", (await ReceiveOneAsync(queue)).Payload);
    }

    [Fact]
    public async Task Of_several_consumers_only_the_first_is_active_and_the_next_takes_over()
    {
        var queue = await DeclareAsync(new QueueOptions { SingleActiveConsumer = true });
        var first = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 1 });
        await BecomesAsync(queue, "the first has subscribed", stats => stats.Consumers == 1);
        await using var second = Client.CreateConsumer<string>(queue);
        await BecomesAsync(queue, "both have subscribed", stats => stats.Consumers == 2);
        await SendAsync(queue, "a", "b");

        var held = Assert.Single(await TakeAsync(first, 1));
        Assert.Equal((1, 1), await HeldAndReadyAsync(queue));
        await held.AckAsync();
        await BecomesAsync(queue, "the first holds the next", stats => stats.Leased == 1);
        await first.DisposeAsync();

        Assert.Equal("b", Assert.Single(await TakeAsync(second, 1)).Payload);
    }

    private async Task<(long Held, long Ready)> HeldAndReadyAsync(string queue)
    {
        var stats = await Client.GetQueueStatsAsync(queue);
        return (stats.Leased, stats.Ready);
    }
}
