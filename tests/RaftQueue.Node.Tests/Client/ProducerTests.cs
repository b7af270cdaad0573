using RaftQueue.Client;
using RaftQueue.Client.Payloads;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

public sealed class ProducerTests
{
    // What is sent while a command is on its way then waits for its answer.
    private static readonly ProducerOptions OneCommandAtATime = new() { MaxFramesInFlight = 1 };

    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task A_send_completes_with_the_sequence_of_its_message()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        Assert.Equal(new SendReceipt("orders", 1), await producer.SendAsync("first").InTime());
        Assert.Equal(new SendReceipt("orders", 2), await producer.SendAsync("second").InTime());
        Assert.Equal(["first", "second"], _queue.Stored);
    }

    [Fact]
    public async Task A_message_does_not_wait_for_those_before_while_there_is_room_on_the_way_and_what_waits_goes_together()
    {
        const int room = 3, waiting = 7;
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { MaxFramesInFlight = room });
        node.IsWithholding = true;

        var sends = new List<Task<SendReceipt>>();
        for (var number = 1; number <= room; number++)
        {
            sends.Add(producer.SendAsync($"{number}"));
            await Eventually.HearAsync(node.HeardCommands<Enqueue>, count: number);
        }

        sends.AddRange(Enumerable.Range(room + 1, waiting).Select(number => producer.SendAsync($"{number}")));
        node.Release();
        await Task.WhenAll(sends).InTime();

        Assert.Equal([1, 1, 1, waiting], node.HeardCommands<Enqueue>().Select(command => command.Messages.Count));
        Assert.Equal(Enumerable.Range(1, room + waiting).Select(number => (long)number), sends.Select(send => send.Result.Sequence));
    }

    [Fact]
    public async Task No_more_messages_than_the_window_are_on_their_way()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>(
            "orders", new ProducerOptions { MaxInFlight = 5, MaxFramesInFlight = 32, MaxFrameBytes = 1 });
        node.IsWithholding = true;

        var sends = Enumerable.Range(1, 20).Select(i => producer.SendAsync($"{i}")).ToArray();
        for (var answered = 0; answered < 20; answered++)
        {
            await Eventually.HearAsync(node.HeardCommands<Enqueue>, count: Math.Min(20, answered + 5));
            node.ReleaseSome(1);
        }

        await Task.WhenAll(sends).InTime();
        Assert.Equal(5, node.MostWithheld);
        Assert.Equal(Enumerable.Range(1, 20).Select(i => $"{i}"), _queue.Stored);
    }

    [Fact]
    public async Task A_batch_goes_as_one_atomic_command()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { MaxInFlight = 2 });

        var receipts = await producer.SendBatchAsync(["a", "b", "c"]).InTime();

        Assert.Equal([1, 2, 3], receipts.Select(receipt => receipt.Sequence));
        Assert.True(Assert.Single(node.HeardCommands<Enqueue>()).IsAtomic);
    }

    [Fact]
    public async Task A_redirected_command_keeps_its_boundaries_and_numbers()
    {
        await using var leader = FakeNode.Leading(_queue.Answer, "b");
        await using var before = FakeNode.Following("a");
        before.Cluster = leader.Cluster = [before, leader];
        before.Leaders = leader.Leaders = [before];
        before.IsWithholding = true;
        before.Script = _ => new NotLeader(new GroupId(0), leader.AsAddress, OutcomeUnknown: true);
        await using var client = await Clients.ConnectAsync(before);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { MaxFrameBytes = 40 });

        var sends = Enumerable.Range(1, 12).Select(i => producer.SendAsync($"{i}")).ToArray();
        await Eventually.HearAsync(before.HeardCommands<Enqueue>, count: 4);
        await Eventually.HearAsync(leader.Heard<Hello>); // what it says of the past is said
        before.Leaders = leader.Leaders = [leader];
        before.Release();
        await Task.WhenAll(sends).InTime();

        var sentBefore = before.Heard<CommandRequest>().Select(request => Convert.ToHexString(request.Command.Span)).ToArray();
        var sentAfter = leader.Heard<CommandRequest>().Select(request => Convert.ToHexString(request.Command.Span)).ToArray();
        Assert.Equal(4, sentBefore.Length);
        Assert.Equal(sentBefore, sentAfter[..4]);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => $"{i}"), _queue.Stored);
    }

    [Fact]
    public async Task A_command_whose_answer_was_lost_is_repeated_and_stored_once()
    {
        var isFirst = true;
        await using var node = FakeNode.Leading(request =>
        {
            var answer = _queue.Answer(request);
            return Interlocked.Exchange(ref isFirst, false) ? null : answer;
        });
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMilliseconds(300), node);
        await using var producer = client.CreateProducer<string>("orders");

        Assert.Equal(1, (await producer.SendAsync("only").InTime()).Sequence);

        var sent = node.Heard<CommandRequest>().Select(request => Convert.ToHexString(request.Command.Span)).ToArray();
        Assert.Equal(2, sent.Length);
        Assert.Equal(sent[0], sent[1]);
        Assert.Equal(["only"], _queue.Stored);
    }

    [Fact]
    public async Task Without_a_leader_the_nodes_are_asked_until_there_is_one()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        node.Leaders = [null];
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        var send = producer.SendAsync("patient");
        await Eventually.HearAsync(node.Heard<Hello>, count: 4);
        Assert.False(send.IsCompleted);
        Assert.Empty(node.HeardCommands<Enqueue>());
        node.Leaders = [node];

        Assert.Equal(1, (await send.InTime()).Sequence);
    }

    [Fact]
    public async Task A_dead_leader_is_noticed_by_its_closed_connection_not_by_a_timeout()
    {
        await using var other = FakeNode.Leading(_queue.Answer, "b");
        await using var dying = FakeNode.Leading(_ => null, "a");
        dying.Cluster = other.Cluster = [dying, other];
        other.Leaders = [dying]; // two that claim the same term would each get a share of the sends
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMinutes(5), dying);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { SendTimeout = TimeSpan.FromMinutes(5) });

        var send = producer.SendAsync("survivor");
        await Eventually.HearAsync(dying.HeardCommands<Enqueue>);
        other.Leaders = [other];
        await dying.DisposeAsync();

        Assert.Equal(1, (await send.InTime()).Sequence);
        Assert.Single(other.HeardCommands<Enqueue>());
    }

    [Fact]
    public async Task A_busy_node_is_tried_again()
    {
        var refusals = 3;
        await using var node = FakeNode.Leading(request =>
            Interlocked.Decrement(ref refusals) >= 0 ? new Refused(RefusalCode.Busy, "too much to do") : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");

        Assert.Equal(1, (await producer.SendAsync("again").InTime()).Sequence);
        Assert.Equal(4, node.HeardCommands<Enqueue>().Count());
    }

    [Fact]
    public async Task Without_a_majority_a_send_fails_by_that_name_when_its_time_is_over()
    {
        await using var node = FakeNode.Leading(_ => new Refused(RefusalCode.NoQuorum, "two of three nodes are away"));
        await using var client = await Clients.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(500), node);
        await using var producer = client.CreateProducer<string>("orders");

        var problem = await Assert.ThrowsAsync<RequestTimeoutException>(() => producer.SendAsync("lonely").InTime());

        Assert.Equal(RefusalCode.NoQuorum, problem.Code);
        Assert.Contains("two of three nodes are away", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F03_A_send_that_is_refused_after_an_unanswered_attempt_may_have_been_stored()
    {
        var isFirst = true;
        await using var node = FakeNode.Leading(_ => Interlocked.Exchange(ref isFirst, false) ? null : new Refused(RefusalCode.UnknownQueue, "it was deleted"));
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMilliseconds(200), node);
        await using var producer = client.CreateProducer<string>("orders");

        Assert.True((await Assert.ThrowsAsync<QueueNotFoundException>(() => producer.SendAsync("once").InTime())).OutcomeUnknown);
        Assert.False((await Assert.ThrowsAsync<QueueNotFoundException>(() => producer.SendAsync("twice").InTime())).OutcomeUnknown);
    }

    [Fact]
    public async Task A_send_that_timed_out_is_still_resolved_before_later_ones()
    {
        var isAway = true;
        await using var node = FakeNode.Leading(request => isAway ? null : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(options => options.AttemptTimeout = TimeSpan.FromMilliseconds(200), node);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { SendTimeout = TimeSpan.FromMilliseconds(400) });

        var problem = await Assert.ThrowsAsync<RequestTimeoutException>(() => producer.SendAsync("late").InTime());
        Assert.True(problem.OutcomeUnknown);
        isAway = false;

        await Eventually.HoldsAsync(() => _queue.Stored.Count == 1, "the first message is stored after all");
        Assert.Equal(2, (await producer.SendAsync("next").InTime()).Sequence);
        Assert.Equal(["late", "next"], _queue.Stored);
    }

    [Fact]
    public async Task Messages_beyond_the_room_of_a_queue_are_refused_and_the_others_confirmed()
    {
        await using var node = FakeNode.Leading(request => request is Enqueue { Messages.Count: > 1 } enqueue
            ? new Enqueued(enqueue.Queue, enqueue.FirstSequence, 2, 2, new Refused(RefusalCode.QueueFull, "room for 3"))
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", OneCommandAtATime);
        node.IsWithholding = true;
        var first = producer.SendAsync("1");
        await Eventually.HearAsync(node.HeardCommands<Enqueue>);
        var sends = Enumerable.Range(2, 3).Select(i => producer.SendAsync($"{i}")).Prepend(first).ToArray();
        node.Release();

        Assert.Equal([1, 2, 3], (await Task.WhenAll(sends[..3]).InTime()).Select(receipt => receipt.Sequence));
        var problem = await Assert.ThrowsAsync<QueueFullException>(() => sends[3].InTime());
        Assert.Equal("room for 3", problem.Message);
    }

    [Fact]
    public async Task After_a_refusal_the_numbers_begin_anew_and_nothing_behind_it_is_lost()
    {
        var isMissing = true;
        await using var node = FakeNode.Leading(request => isMissing && request is Enqueue { FirstSequence: 1 }
            ? new Refused(RefusalCode.UnknownQueue, "no queue 'orders'")
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { MaxFrameBytes = 1 });
        node.IsWithholding = true;

        var sends = new[] { producer.SendAsync("refused"), producer.SendAsync("second"), producer.SendAsync("third") };
        await Eventually.HearAsync(node.HeardCommands<Enqueue>, count: 3);
        isMissing = false;
        node.Release();

        await Assert.ThrowsAsync<QueueNotFoundException>(() => sends[0].InTime());
        Assert.Equal([1, 2], (await Task.WhenAll(sends[1..]).InTime()).Select(receipt => receipt.Sequence));
        Assert.Equal(["second", "third"], _queue.Stored);
        Assert.Equal(2, node.HeardCommands<Enqueue>().Select(command => command.Producer).Distinct().Count());
    }

    [Fact]
    public async Task A_send_cancelled_before_it_is_on_the_wire_is_never_sent()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", OneCommandAtATime);
        using var cancellation = new CancellationTokenSource();
        node.IsWithholding = true;

        var first = producer.SendAsync("first");
        await Eventually.HearAsync(node.HeardCommands<Enqueue>);
        var cancelled = producer.SendAsync("cancelled", cancellation.Token);
        await cancellation.CancelAsync();
        var last = producer.SendAsync("last");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.InTime());
        node.Release();

        await Task.WhenAll(first, last).InTime();
        Assert.Equal(["first", "last"], _queue.Stored);
    }

    [Fact]
    public async Task Disposing_waits_for_what_is_on_its_way()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var producer = client.CreateProducer<string>("orders");
        node.IsWithholding = true;
        var send = producer.SendAsync("last words");
        await Eventually.HearAsync(node.HeardCommands<Enqueue>);

        var disposal = producer.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        node.Release();

        await disposal.InTime();
        Assert.Equal(1, (await send.InTime()).Sequence);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => producer.SendAsync("too late"));
    }

    [Fact]
    public async Task A_message_beyond_the_limit_is_refused_before_it_is_sent()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<byte[]>("orders");

        var problem = await Assert.ThrowsAsync<RaftQueueException>(() => producer.SendAsync(new byte[Bounds.MaxMessageBytes]).InTime());
        Assert.Equal(RefusalCode.TooLarge, problem.Code);
        problem = await Assert.ThrowsAsync<RaftQueueException>(
            () => producer.SendAsync([], new MessageProperties { Delay = TimeSpan.FromDays(31) }).InTime());
        Assert.Equal(RefusalCode.OutOfBounds, problem.Code);
        Assert.Empty(node.HeardCommands<Enqueue>());
    }

    public static TheoryData<double?, double?, RefusalCode, string> UnfitTimes => new()
    {
        { 6_000, 3_000, RefusalCode.ConflictingOptions, "Delay is 00:00:06, TimeToLive is 00:00:03" },
        { null, 0, RefusalCode.OutOfBounds, "TimeToLive is 00:00:00" },
        { null, -1, RefusalCode.OutOfBounds, "TimeToLive is -00:00:00.0010000" },
        { null, 0.5, RefusalCode.OutOfBounds, "TimeToLive is 00:00:00.0005000; it must be null (that of the queue), or 00:00:00.0010000" },
        { 0.5, null, RefusalCode.OutOfBounds, "Delay is 00:00:00.0005000; it must be zero, or 00:00:00.0010000" },
    };

    [Theory, Trait("Category", "Fault")]
    [MemberData(nameof(UnfitTimes))]
    public async Task F08_F20_Times_that_no_message_can_have_are_refused_before_it_is_sent(double? delay, double? timeToLive, RefusalCode code, string text)
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders");
        var properties = new MessageProperties { Delay = Milliseconds(delay), TimeToLive = Milliseconds(timeToLive) };

        var problem = await Assert.ThrowsAsync<RaftQueueException>(() => producer.SendAsync("unfit", properties).InTime());

        Assert.Equal(code, problem.Code);
        Assert.Contains(text, problem.Message, StringComparison.Ordinal);
        Assert.Empty(node.HeardCommands<Enqueue>());
    }

    [Theory, Trait("Category", "Fault")]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(-3)]
    public async Task F20_A_time_to_live_that_a_message_may_not_have_is_refused_for_a_queue_too(double milliseconds)
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);

        var problem = await Assert.ThrowsAsync<RaftQueueException>(
            () => client.DeclareQueueAsync("orders", new QueueOptions { TimeToLive = TimeSpan.FromMilliseconds(milliseconds) }).InTime());

        Assert.Equal(RefusalCode.OutOfBounds, problem.Code);
        Assert.Contains("time to live is", problem.Message, StringComparison.Ordinal);
        Assert.Empty(node.HeardCommands<DeclareQueue>());
        await Assert.ThrowsAsync<RaftQueueException>(() => client.ReceiveAsync<string>("orders", wait: TimeSpan.FromMilliseconds(0.5)).InTime());
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F08_A_message_that_does_not_fit_its_queue_fails_alone_and_those_beside_it_are_stored()
    {
        await using var node = FakeNode.Leading(request => request is Enqueue { Messages.Count: 3 } enqueue
            ? new Enqueued(enqueue.Queue, enqueue.FirstSequence, 2, 2, null) { RefusedMessages = [new MessageRefused(1, new Refused(RefusalCode.ConflictingOptions, "too brief"))] }
            : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        await using var producer = client.CreateProducer<string>("orders", OneCommandAtATime);
        node.IsWithholding = true;
        var first = producer.SendAsync("first");
        await Eventually.HearAsync(node.HeardCommands<Enqueue>);
        var sends = Enumerable.Range(1, 3).Select(number => producer.SendAsync($"{number}")).ToArray();
        node.Release();

        await first.InTime();
        Assert.Equal((2, 3), ((await sends[0].InTime()).Sequence, (await sends[2].InTime()).Sequence));
        var problem = await Assert.ThrowsAsync<RaftQueueException>(() => sends[1].InTime());
        Assert.Equal((RefusalCode.ConflictingOptions, "too brief"), (problem.Code, problem.Message));
    }

    private static TimeSpan? Milliseconds(double? value) => value is { } given ? TimeSpan.FromTicks((long)(given * TimeSpan.TicksPerMillisecond)) : null;
}
