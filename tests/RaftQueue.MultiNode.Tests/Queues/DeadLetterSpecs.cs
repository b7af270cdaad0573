using RaftQueue.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Messages that cannot be handled.</summary>
[Collection(SharedCluster.Name)]
public sealed class DeadLetterSpecs(SharedCluster shared) : QueueSpecs(shared)
{
    [Fact]
    public async Task A_rejected_message_goes_to_the_dead_letter_queue()
    {
        var (queue, dead) = await DeclareWithDeadLettersAsync(new QueueOptions(), "bad", "good");

        await (await ReceiveOneAsync(queue)).RejectAsync("no such customer");

        Assert.Equal(["good"], await StoredAsync(queue));
        Assert.Equal(["bad"], await StoredAsync(dead));
        Assert.Equal(1, (await Client.GetQueueStatsAsync(queue)).DeadLettered);
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F21_Whoever_receives_a_dead_letter_is_told_where_it_came_from_and_why()
    {
        var (queue, dead) = await DeclareWithDeadLettersAsync(new QueueOptions(), "bad", "worse");
        foreach (var message in await Client.ReceiveAsync<string>(queue, 2, Wait))
            await message.RejectAsync($"{message.Payload} input");

        var pulled = Assert.Single(await Client.ReceiveAsync<string>(dead, 1, Wait));
        await using var consumer = Client.CreateConsumer<string>(dead);
        var pushed = Assert.Single(await TakeAsync(consumer, 1));

        Assert.Equal((queue, 1, 1, DeadLetterCause.Rejected, "bad input"), Told(pulled.DeadLetter!));
        Assert.Equal((queue, 2, 1, DeadLetterCause.Rejected, "worse input"), Told(pushed.DeadLetter!));
        await pushed.AckAsync();
    }

    [Fact]
    public async Task A_rejected_message_without_a_dead_letter_queue_is_gone()
    {
        var queue = await DeclareWithAsync(null, "bad");

        await (await ReceiveOneAsync(queue)).RejectAsync("no such customer");

        Assert.Empty(await StoredAsync(queue));
    }

    [Fact]
    public async Task A_message_that_was_delivered_too_often_goes_to_the_dead_letter_queue()
    {
        var (queue, dead) = await DeclareWithDeadLettersAsync(new QueueOptions { DeliveryLimit = 2 }, "poison");

        await (await ReceiveOneAsync(queue)).ReleaseAsync();
        Assert.Equal(["poison"], await StoredAsync(queue));
        await (await ReceiveOneAsync(queue)).ReleaseAsync();

        Assert.Empty(await StoredAsync(queue));
        Assert.Equal(["poison"], await StoredAsync(dead));
    }

    [Fact]
    public async Task Redriven_messages_go_back_where_they_came_from_in_order()
    {
        var (queue, dead) = await DeclareWithDeadLettersAsync(new QueueOptions(), "a", "b");
        foreach (var message in await Client.ReceiveAsync<string>(queue, 2, Wait))
            await message.RejectAsync("not now");

        Assert.Equal(2, (await Client.RedriveAsync(dead)).Moved);

        Assert.Empty(await StoredAsync(dead));
        Assert.Equal(["a", "b"], (await Client.ReceiveAsync<string>(queue, 2, Wait)).Select(message => message.Payload));
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F11_A_redrive_moves_what_it_can_and_counts_what_it_cannot_by_source()
    {
        var dead = await DeclareAsync(prefix: "dead");
        var kept = await DeclareWithAsync(new QueueOptions { DeadLetterQueue = new(dead) }, "1", "2");
        var gone = await DeclareWithAsync(new QueueOptions { DeadLetterQueue = new(dead) }, "3", "4", "5");
        foreach (var queue in new[] { gone, kept })
        {
            foreach (var message in await Client.ReceiveAsync<string>(queue, 5, Wait))
                await message.RejectAsync("not now");
        }

        await Client.DeleteQueueAsync(gone);
        var one = await Client.RedriveAsync(dead, new RedriveOptions { Source = kept, FromSequence = 5, ThroughSequence = 5 });
        Assert.Equal((1, 0), (one.Moved, one.Skipped.Count));
        var rest = await Client.RedriveAsync(dead);

        Assert.Equal(1, rest.Moved);
        Assert.Equal([new RedriveSkipped(RedriveObstacle.SourceGone, new(gone), 3, 1)], rest.Skipped);
        Assert.Equal(["2", "1"], await StoredAsync(kept));
        Assert.Equal(3, (await Client.RedriveAsync(dead, new RedriveOptions { Target = kept })).Moved);
    }

    [Fact]
    public async Task A_circle_of_dead_letter_queues_is_refused()
    {
        var first = $"circle-{Guid.NewGuid():N}";
        var second = await DeclareAsync(new QueueOptions { DeadLetterQueue = new(first) });

        var refused = await Assert.ThrowsAsync<RaftQueueException>(
            () => Client.DeclareQueueAsync(first, new QueueOptions { DeadLetterQueue = new(second) }));

        Assert.Equal(RefusalCode.DeadLetterCycle, refused.Code);
    }

    private static (string Source, long Sequence, int Count, DeadLetterCause Cause, string Reason) Told(DeadLetter letter) =>
        (letter.Source.Value, letter.SourceSequence, letter.DeliveryCount, letter.Cause, letter.Reason);

    private async Task<(string Queue, string Dead)> DeclareWithDeadLettersAsync(QueueOptions options, params string[] texts)
    {
        var dead = await DeclareAsync(prefix: "dead");
        return (await DeclareWithAsync(options with { DeadLetterQueue = new(dead) }, texts), dead);
    }
}
