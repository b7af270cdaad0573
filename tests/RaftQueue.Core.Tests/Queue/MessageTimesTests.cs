using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>The delay and the time to live of a message keep the rules that those of a queue keep.</summary>
[Trait("Category", "Fault")]
public sealed class MessageTimesTests
{
    private readonly Bench _bench = new();

    public static TheoryData<QueueOptions, double?, double?, RefusalCode, string> Unfit => new()
    {
        { new(), 6, 3, RefusalCode.ConflictingOptions, "Delay is 00:00:06, TimeToLive is 00:00:03: the message would expire before it is due." },
        { new(), 3, 3, RefusalCode.ConflictingOptions, "Delay is 00:00:03, TimeToLive is 00:00:03" },
        { new() { TimeToLive = Seconds(3) }, 6, null, RefusalCode.ConflictingOptions, "Delay is 00:00:06, TimeToLive is 00:00:03 (the queue's)" },
        { new() { Delay = Seconds(6) }, null, 3, RefusalCode.ConflictingOptions, "Delay is 00:00:06 (the queue's), TimeToLive is 00:00:03" },
        { new(), null, 0, RefusalCode.OutOfBounds, "TimeToLive is 00:00:00; it must be null (that of the queue), or 00:00:00.0010000 to 365.00:00:00." },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void F08_A_message_that_would_expire_before_it_is_due_is_refused_by_name(QueueOptions options, double? delay, double? timeToLive, RefusalCode code, string text)
    {
        _bench.Declare(options);
        var refused = _bench.StoresNothing(new Enqueue(Orders, Alice, 1, true, Block(Message("unfit", delay, timeToLive))), code);
        Assert.Contains(text, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2.0, 3.0)]
    [InlineData(0.0, 3.0)]
    [InlineData(6.0, null)]
    [InlineData(null, 3.0)]
    public void F08_A_message_that_is_due_before_it_expires_is_stored(double? delay, double? timeToLive)
    {
        _bench.Declare();
        Assert.Equal(1, Assert.IsType<Enqueued>(_bench.Send(Block(Message("fit", delay, timeToLive)))).Count);
    }

    [Fact]
    public void F08_Of_a_command_that_is_not_atomic_only_the_unfit_messages_are_refused_and_a_retry_is_answered_the_same()
    {
        _bench.Declare(new QueueOptions { TimeToLive = Seconds(3) });
        var command = new Enqueue(Orders, Alice, 1, IsAtomic: false, Block(Message("1"), Message("2", delay: 6), Message("3"), Message("4", timeToLive: 0), Message("5")));
        var answer = _bench.Do<Enqueued>(command);

        Assert.Equal((1, 3, null), (answer.FirstMessage, answer.Count, answer.Refusal));
        Assert.Equal([(1, RefusalCode.ConflictingOptions), (3, RefusalCode.OutOfBounds)], answer.RefusedMessages.Select(one => (one.Position, one.Refusal.Code)));
        Assert.Equal(["1", "3", "5"], _bench.PeekTexts());
        var again = _bench.Do<Enqueued>(command);
        Assert.Equal(answer with { RefusedMessages = [] }, again with { RefusedMessages = [] });
        Assert.Equal(answer.RefusedMessages.ToArray(), again.RefusedMessages.ToArray());
        Assert.Equal(3, _bench.Stats().Enqueued);
    }

    [Fact]
    public void F08_An_unfit_message_in_a_batch_refuses_the_whole_batch_for_that_reason()
    {
        _bench.Declare();
        var refused = _bench.StoresNothing(new Enqueue(Orders, Alice, 1, true, Block(Message("1"), Message("2", delay: 6, timeToLive: 3))), RefusalCode.ConflictingOptions);
        Assert.Contains("Delay is 00:00:06", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void F08_Beside_an_unfit_message_the_bound_of_a_queue_holds_for_the_rest()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 2 });
        var answer = _bench.Do<Enqueued>(new Enqueue(Orders, Alice, 1, IsAtomic: false, Block(Message("1"), Message("2", timeToLive: 0), Message("3"), Message("4"))));
        Assert.Equal((2, RefusalCode.QueueFull), (answer.Count, answer.Refusal!.Code));
        Assert.Equal(1, Assert.Single(answer.RefusedMessages).Position);
        Assert.Equal(["1", "3"], _bench.PeekTexts());
    }

    [Theory]
    [InlineData(1.5, 2)]
    [InlineData(0.1, 1)]
    [InlineData(1.0, 1)]
    public void F20_A_fraction_of_a_millisecond_is_rounded_up_and_never_becomes_none(double milliseconds, int expected)
    {
        _bench.Declare();
        _bench.Send(Block(new Text("brief", TimeToLive: TimeSpan.FromTicks((long)(milliseconds * TimeSpan.TicksPerMillisecond)))));
        _bench.Pass(0.001 * (expected - 1));
        _bench.Tick();
        Assert.Equal(1, _bench.Stats().Ready);
        _bench.Pass(0.001);
        _bench.Tick();
        Assert.Equal(0, _bench.Stats().Ready);
    }

    [Fact]
    public void F20_Without_a_time_to_live_a_message_is_kept_for_ever_also_after_a_restore()
    {
        _bench.Declare();
        _bench.Send("kept");
        _bench.Machine = Bench.Copy(_bench.Machine);
        _bench.Tick(Bounds.MaxTimeToLive.TotalSeconds * 10);
        Assert.Equal(["kept"], _bench.PeekTexts());
        Assert.Null(_bench.Stats().Options.TimeToLive);
    }

    private static Text Message(string body, double? delay = null, double? timeToLive = null) =>
        new(body, Delay: delay is { } held ? Seconds(held) : null, TimeToLive: timeToLive is { } kept ? Seconds(kept) : null);
}
