using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Payloads;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

public sealed class ConsumerTests
{
    // Short enough to be extended during a test; half of it is longer than a busy machine stalls.
    private static readonly TimeSpan RoomyLease = TimeSpan.FromSeconds(4);

    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task A_pushed_message_is_received_with_all_that_was_said_of_it_and_acknowledged()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        var properties = new MessageProperties { MessageId = "m", CorrelationId = "c", GroupKey = "g", Headers = new Dictionary<string, string> { ["k"] = "v" } };
        node.Push(FakeQueue.Push(subscription, FakeQueue.DeliveryOf(7, 70, "hello", properties)));

        var message = (await ReadAsync(consumer, 1))[0];
        Assert.Equal(("hello", 7L, 70L, 1), (message.Payload, message.Sequence, message.FencingToken, message.DeliveryCount));
        Assert.Equal(("m", "c", "g", "v"), (message.Properties.MessageId, message.Properties.CorrelationId, message.Properties.GroupKey, message.Properties.Headers["k"]));
        await message.AckAsync().InTime();

        var settle = Assert.Single(node.HeardCommands<Settle>());
        Assert.Equal(new Settlement(SettlementKind.Ack, 7, 70, ""), Assert.Single(settle.Settlements));
        Assert.Equal(70, settle.StartedThrough);
        await Assert.ThrowsAsync<InvalidOperationException>(() => message.AckAsync());
    }

    [Fact]
    public async Task Decisions_made_while_a_command_is_on_its_way_go_together_in_the_next()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 12);
        var messages = await ReadAsync(consumer, 12);
        node.IsWithholding = true;

        var decisions = new List<Task> { messages[0].AckAsync() };
        await Eventually.HearAsync(node.HeardCommands<Settle>);
        decisions.AddRange(messages[1..11].Select(message => message.AckAsync()));
        decisions.Add(messages[11].RejectAsync("rotten"));
        node.Release();
        await Task.WhenAll(decisions).InTime();

        Assert.Equal([1, 11], node.HeardCommands<Settle>().Select(settle => settle.Settlements.Length));
        Assert.Equal(new Settlement(SettlementKind.Reject, 12, 12, "rotten"), node.HeardCommands<Settle>().Last().Settlements[^1]);
    }

    [Fact]
    public async Task A_delivery_that_is_pushed_again_is_received_once()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 2);
        await PushAsync(node, 1, 3);

        Assert.Equal([1, 2, 3], (await ReadAsync(consumer, 3)).Select(message => message.FencingToken));
    }

    [Fact]
    public async Task Only_what_was_handed_over_counts_as_started()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 10);
        await ReadAsync(consumer, 4);

        await Eventually.HearAsync(node.Heard<KeepAlive>, keepAlive => keepAlive.Subscriptions.Any(live => live.StartedThrough == 4));
        await consumer.DisposeAsync().AsTask().InTime();

        Assert.Equal(4, Assert.Single(node.HeardCommands<Unsubscribe>()).StartedThrough);
        Assert.DoesNotContain(node.Heard<KeepAlive>(), keepAlive => keepAlive.Subscriptions.Any(live => live.StartedThrough > 4));
    }

    [Fact]
    public async Task An_idle_consumer_is_named_to_the_leader_again_and_again()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);

        var keepAlives = await Eventually.HearAllAsync(node.Heard<KeepAlive>, null, 3);
        Assert.All(keepAlives, keepAlive => Assert.Equal(new LiveSubscription(new QueueName("orders"), subscription.Consumer, 0), Assert.Single(keepAlive.Subscriptions)));
    }

    [Fact]
    public async Task A_stale_lease_fails_that_acknowledgement_alone()
    {
        await using var node = FakeNode.Leading(request => request is Settle settle
            ? new Settled(settle.Queue, [.. settle.Settlements.Where(one => one.Token == 2).Select(one => new SettlementRefused(one.Sequence, one.Token, new Refused(RefusalCode.StaleLease, "token 2 is stale")))])
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 3);
        var messages = await ReadAsync(consumer, 3);

        var acks = messages.Select(message => message.AckAsync()).ToArray();

        await acks[0].InTime();
        var problem = await Assert.ThrowsAsync<StaleLeaseException>(() => acks[1].InTime());
        Assert.False(problem.OutcomeUnknown);
        await acks[2].InTime();
    }

    [Fact]
    public async Task A_stale_lease_after_a_lost_answer_says_that_the_first_attempt_may_have_counted()
    {
        var isFirst = true;
        await using var node = FakeNode.Leading(request => request is not Settle settle ? _queue.Answer(request)
            : Interlocked.Exchange(ref isFirst, false) ? null
            : new Settled(settle.Queue, [new SettlementRefused(1, 1, new Refused(RefusalCode.StaleLease, "gone"))]));
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMilliseconds(300), node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 1);

        var message = (await ReadAsync(consumer, 1))[0];
        Assert.True((await Assert.ThrowsAsync<StaleLeaseException>(() => message.AckAsync().InTime())).OutcomeUnknown);
    }

    [Fact]
    public async Task The_subscription_is_taken_up_with_a_new_leader()
    {
        await using var next = FakeNode.Leading(_queue.Answer, "b");
        await using var first = FakeNode.Leading(_queue.Answer, "a");
        first.Cluster = next.Cluster = [first, next];
        next.Leaders = [first];
        await using var client = await Clients.ConnectAsync(first);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(first, 1, 2);
        Assert.Equal(2, (await ReadAsync(consumer, 2)).Count);

        first.Leaders = next.Leaders = [next];
        await PushAsync(next, 1, 3);

        Assert.Equal(3, Assert.Single(await ReadAsync(consumer, 1)).FencingToken);
        Assert.Equal(first.HeardCommands<Subscribe>().First().Consumer, next.HeardCommands<Subscribe>().First().Consumer);
        Assert.Equal(2, next.HeardCommands<Subscribe>().First().StartedThrough);
    }

    [Fact]
    public async Task Leases_are_extended_while_the_application_works()
    {
        _queue.Lease = RoomyLease;
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 2);
        var messages = await ReadAsync(consumer, 1);

        var extensions = await Eventually.HearAllAsync(node.HeardCommands<Extend>, null, 2);
        Assert.All(extensions, extension => Assert.Equal<long>([1, 2], extension.Tokens.ToArray()));
        Assert.All(extensions, extension => Assert.Equal(_queue.Lease, extension.Lease));
        await messages[0].AckAsync().InTime();
        await Eventually.HearAsync(node.HeardCommands<Extend>, extension => extension.Tokens is [2]);
    }

    [Fact]
    public async Task A_message_whose_lease_has_ended_is_not_handed_over_any_more()
    {
        _queue.Lease = RoomyLease;
        await using var node = FakeNode.Leading(request => request is Extend extend
            ? new Extended(extend.Queue, LogTime.Zero, [.. extend.Tokens.Where(token => token == 1).Select(token => new SettlementRefused(token, token, new Refused(RefusalCode.StaleLease, "ended")))])
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 1);
        await Eventually.HearAsync(node.HeardCommands<Extend>);
        await PushAsync(node, 2, 2);
        await Eventually.HearAsync(node.HeardCommands<Extend>, extend => extend.Tokens is [2]);

        Assert.Equal(2, Assert.Single(await ReadAsync(consumer, 1)).FencingToken);
    }

    [Fact]
    public async Task Reading_ends_with_the_reason_when_the_queue_is_deleted()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        node.Push(new SubscriptionEnded(subscription.Queue, subscription.Consumer, new Refused(RefusalCode.UnknownQueue, "'orders' was deleted")));

        var problem = await Assert.ThrowsAsync<QueueNotFoundException>(() => ReadAsync(consumer, 1));
        Assert.Equal("'orders' was deleted", problem.Message);
    }

    [Fact]
    public async Task Disposing_ends_the_loop_and_cancelling_does_too()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var consumer = client.CreateConsumer<string>("orders");
        using var cancellation = new CancellationTokenSource();
        var cancelled = Task.Run(async () =>
        {
            await foreach (var message in consumer.ReadAllAsync(cancellation.Token))
                await message.ReleaseAsync();
        });
        var disposed = Task.Run(async () =>
        {
            await foreach (var message in consumer)
                await message.ReleaseAsync();
        });

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.InTime());
        Assert.False(disposed.IsCompleted);
        await consumer.DisposeAsync().AsTask().InTime();
        await disposed.InTime();
    }

    [Fact]
    public async Task After_disposal_a_message_cannot_be_settled_and_does_not_hang()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, 1, 1);
        var message = (await ReadAsync(consumer, 1))[0];
        await consumer.DisposeAsync().AsTask().InTime();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => message.AckAsync().InTime());
    }

    [Fact]
    public async Task A_payload_of_an_unregistered_type_can_be_rejected()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(options => options.RegisterType<PayloadTests.Order>("order"), node);
        await using var consumer = client.CreateConsumer<PayloadTests.Order>("orders");
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        node.Push(FakeQueue.Push(subscription, FakeQueue.DeliveryOf(1, 1, "?", new MessageProperties { ContentType = "application/x-hyperion; type=invoice" })));

        var message = (await ReadAsync(consumer, 1))[0];
        Assert.Equal("invoice", Assert.Throws<UnregisteredTypeException>(() => message.Payload).TypeName);
        await message.RejectAsync("unknown type").InTime();
        Assert.Throws<UnregisteredTypeException>(() => client.CreateProducer<PayloadTests.Line>("orders"));
    }

    [Fact]
    public async Task A_pull_is_checked_before_it_is_sent_and_its_messages_are_settled_under_its_own_id()
    {
        await using var node = FakeNode.Leading(request => request is Receive receive
            ? new Received(receive.Queue, receive.Consumer, DeliveryBlock.Of([FakeQueue.DeliveryOf(1, 5, "a"), FakeQueue.DeliveryOf(2, 6, "b")]))
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.ReceiveAsync<string>("orders", 0));
        var tooMany = await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.ReceiveAsync<string>("orders", Bounds.MaxReceive + 1));
        Assert.Contains($"{Bounds.MaxReceive}", tooMany.Message, StringComparison.Ordinal);
        Assert.Empty(node.HeardCommands<Receive>());

        var messages = await client.ReceiveAsync<string>("orders", 2).InTime();
        await messages[0].AckAsync().InTime();
        await messages[1].ExtendAsync(TimeSpan.FromSeconds(5)).InTime();

        Assert.Equal(["a", "b"], messages.Select(message => message.Payload));
        var settle = Assert.Single(node.HeardCommands<Settle>());
        Assert.Equal((Assert.Single(node.HeardCommands<Receive>()).Consumer, 6L), (settle.Consumer, settle.StartedThrough));
        Assert.Equal(6L, Assert.Single(Assert.Single(node.HeardCommands<Extend>()).Tokens));
    }

    private static async Task PushAsync(FakeNode node, int from, int through)
    {
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        node.Push(FakeQueue.Push(subscription, [.. Enumerable.Range(from, through - from + 1).Select(i => FakeQueue.DeliveryOf(i, i, $"{i}"))]));
    }

    private static async Task<List<ReceivedMessage<T>>> ReadAsync<T>(Consumer<T> consumer, int count)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var messages = new List<ReceivedMessage<T>>();
        await foreach (var message in consumer.ReadAllAsync(deadline.Token))
        {
            messages.Add(message);
            if (messages.Count == count)
                break;
        }

        return messages;
    }
}
