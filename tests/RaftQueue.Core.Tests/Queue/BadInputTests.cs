using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Whatever is wrong is refused by name, with the field, the value and the bound, and changes nothing.</summary>
public sealed class BadInputTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void Every_command_for_an_unknown_queue_is_refused()
    {
        _bench.Refuses(new DeleteQueue(Orders), RefusalCode.UnknownQueue);
        _bench.Refuses(new PurgeQueue(Orders), RefusalCode.UnknownQueue);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies("1")), RefusalCode.UnknownQueue);
        _bench.Refuses(new Receive(Orders, Bob, 1, TimeSpan.Zero, TimeSpan.Zero), RefusalCode.UnknownQueue);
        _bench.Refuses(new Subscribe(Orders, Bob, 1, TimeSpan.Zero), RefusalCode.UnknownQueue);
        _bench.Refuses(new Unsubscribe(Orders, Bob, 0), RefusalCode.UnknownQueue);
        _bench.Refuses(new Settle(Orders, Bob, 0, []), RefusalCode.UnknownQueue);
        _bench.Refuses(new Extend(Orders, Bob, [], Seconds(1)), RefusalCode.UnknownQueue);
        _bench.Refuses(new Redrive(Orders, Guid.Empty, null, 1), RefusalCode.UnknownQueue);
        Assert.Equal(RefusalCode.UnknownQueue, Assert.IsType<Refused>(_bench.Machine.Query(new Peek(Orders, 1, 1))).Code);
        Assert.Equal(RefusalCode.UnknownQueue, Assert.IsType<Refused>(_bench.Machine.Query(new GetQueueStats(Orders))).Code);
    }

    public static TheoryData<QueueOptions, RefusalCode, string> BadOptions => new()
    {
        { new() { MaxMessages = -1 }, RefusalCode.OutOfBounds, "MaxMessages is -1; it must be at least 0." },
        { new() { MaxBytes = -5 }, RefusalCode.OutOfBounds, "MaxBytes is -5" },
        { new() { DeliveryLimit = -1 }, RefusalCode.OutOfBounds, "DeliveryLimit is -1" },
        { new() { Overflow = (OverflowPolicy)7 }, RefusalCode.OutOfBounds, "Overflow is 7; it must be 0 to 1." },
        { new() { Lease = TimeSpan.FromMilliseconds(99) }, RefusalCode.OutOfBounds, "Lease is 00:00:00.0990000; it must be 00:00:00.1000000 to 12:00:00." },
        { new() { Delay = TimeSpan.FromDays(31) }, RefusalCode.OutOfBounds, "Delay is 31.00:00:00" },
        { new() { TimeToLive = TimeSpan.FromTicks(1) }, RefusalCode.OutOfBounds, "TimeToLive is 00:00:00.0000001" },
        { new() { TimeToLive = TimeSpan.Zero }, RefusalCode.OutOfBounds, "TimeToLive is 00:00:00; it must be 00:00:00.0010000 to 365.00:00:00." },
        { new() { DeadLetterQueue = Orders }, RefusalCode.ConflictingOptions, "the queue itself" },
        { new() { DeadLetterQueue = new QueueName("no name!") }, RefusalCode.InvalidName, "DeadLetterQueue 'no name!'" },
        { new() { Overflow = OverflowPolicy.DropOldest }, RefusalCode.ConflictingOptions, "MaxMessages and MaxBytes are both 0" },
        { new() { Delay = Seconds(2), TimeToLive = Seconds(2) }, RefusalCode.ConflictingOptions, "would expire before it is due" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void Options_out_of_bounds_or_against_each_other_are_refused(QueueOptions options, RefusalCode code, string text) =>
        Assert.Contains(text, _bench.Refuses(new DeclareQueue(Orders, options), code).Message, StringComparison.Ordinal);

    [Fact]
    public void Declaring_again_changes_nothing_and_with_other_options_shows_both()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 5 });
        Assert.False(_bench.Do<Declared>(new DeclareQueue(Orders, new QueueOptions { MaxMessages = 5 })).IsNew);
        var refused = _bench.Refuses(new DeclareQueue(Orders, new QueueOptions { MaxMessages = 6 }), RefusalCode.ConflictingOptions);
        Assert.Contains("MaxMessages = 5", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxMessages = 6", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dead_letter_queues_cannot_form_a_circle()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead });
        _bench.Declare(new QueueOptions { DeadLetterQueue = new QueueName("third") }, Dead);
        var refused = _bench.Refuses(new DeclareQueue(new QueueName("third"), new QueueOptions { DeadLetterQueue = Orders }), RefusalCode.DeadLetterCycle);
        Assert.Contains("third -> orders -> orders.dead -> third", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_out_of_their_bounds_are_refused_with_the_bound()
    {
        _bench.Declare();
        _bench.Refuses(new Receive(Orders, Bob, 0, TimeSpan.Zero, TimeSpan.Zero), RefusalCode.OutOfBounds);
        _bench.Refuses(new Receive(Orders, Bob, Bounds.MaxReceive + 1, TimeSpan.Zero, TimeSpan.Zero), RefusalCode.OutOfBounds);
        _bench.Refuses(new Receive(Orders, Bob, 1, Bounds.MaxReceiveWait + Seconds(1), TimeSpan.Zero), RefusalCode.OutOfBounds);
        _bench.Refuses(new Receive(Orders, Bob, 1, TimeSpan.Zero, Seconds(-1)), RefusalCode.OutOfBounds);
        var refused = _bench.Refuses(new Subscribe(Orders, Bob, Bounds.MaxPrefetch + 1, TimeSpan.Zero), RefusalCode.OutOfBounds);
        Assert.Equal("Prefetch is 4097; it must be 1 to 4096.", refused.Message);
        _bench.Refuses(new Subscribe(Orders, Bob, 1, TimeSpan.FromDays(1)), RefusalCode.OutOfBounds);
        _bench.Refuses(new Extend(Orders, Bob, [], TimeSpan.Zero), RefusalCode.OutOfBounds);
        _bench.Refuses(new Settle(Orders, Bob, -1, []), RefusalCode.OutOfBounds);
        _bench.Refuses(new Redrive(Orders, Guid.Empty, null, 0), RefusalCode.OutOfBounds);
        _bench.Refuses(new Enqueue(Orders, Alice, 0, true, Bodies("1")), RefusalCode.OutOfBounds);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies()), RefusalCode.OutOfBounds);
        Assert.IsType<Refused>(_bench.Machine.Query(new Peek(Orders, 1, 0)));
    }

    [Fact]
    public void A_malformed_block_is_refused_and_not_half_stored()
    {
        _bench.Declare();
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies("1", "2") with { Count = 3 }), RefusalCode.Malformed);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Bodies("1", "2") with { Count = 1 }), RefusalCode.Malformed);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, new MessageBlock(new byte[Bounds.MaxCommandBytes + 1], 1)), RefusalCode.TooLarge);
        _bench.Refuses(new Enqueue(Orders, Alice, 1, true, Block(new Text("1", Group: new string('g', 129)))), RefusalCode.Malformed);
        Assert.Equal(1, _bench.Stats().NextSequence);
    }

    [Fact]
    public void A_settlement_with_a_reason_that_is_too_long_or_of_an_unknown_kind_does_not_count()
    {
        _bench.Declare();
        _bench.Send("1");
        var held = Assert.Single(_bench.Pull(consumer: Bob));
        var refused = _bench.Settle(Bob, Reject(held, new string('x', 257)), Ack(held) with { Kind = (SettlementKind)9 }).Refused;
        Assert.Equal([RefusalCode.OutOfBounds, RefusalCode.Malformed], refused.Select(one => one.Refusal.Code));
        Assert.Equal(1, _bench.Stats().Leased);
    }

    [Fact]
    public void A_pull_and_a_subscription_cannot_share_an_id_and_an_unknown_consumer_is_named()
    {
        _bench.Declare();
        _bench.Subscribe(Bob);
        _bench.Refuses(new Receive(Orders, Bob, 1, TimeSpan.Zero, TimeSpan.Zero), RefusalCode.ConflictingOptions);
        Assert.Null(_bench.Do(new Receive(Orders, Carol, 1, Seconds(9), TimeSpan.Zero)));
        _bench.Refuses(new Subscribe(Orders, Carol, 1, TimeSpan.Zero), RefusalCode.ConflictingOptions);
        _bench.Refuses(new Unsubscribe(Orders, ConsumerId.New(), 0), RefusalCode.UnknownConsumer);
        _bench.Refuses(new Extend(Orders, ConsumerId.New(), [], Seconds(1)), RefusalCode.UnknownConsumer);
    }
}
