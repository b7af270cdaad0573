using System.Buffers;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

public sealed class CommandBoundsTests
{
    private static readonly QueueName Queue = new("orders");
    private static readonly ConsumerId Consumer = new(Sample.Id(5));
    private static readonly QueueOptions Options = QueueOptions.Default;

    private static readonly (ICommand Command, RefusalCode Code, string[] Says)[] Refused =
    [
        (new DeleteQueue(new QueueName("")), RefusalCode.InvalidName, ["queue", "\"\"", "128"]),
        (new DeleteQueue(new QueueName("a b")), RefusalCode.InvalidName, ["queue", "\"a b\"", "128"]),
        (new DeleteQueue(new QueueName(new string('x', 129))), RefusalCode.InvalidName, ["queue", "129", "128"]),
        (Declare(Options with { MaxMessages = -1 }), RefusalCode.OutOfBounds, ["max messages", "-1", "0"]),
        (Declare(Options with { MaxBytes = -2 }), RefusalCode.OutOfBounds, ["max bytes", "-2", "0"]),
        (Declare(Options with { DeliveryLimit = -3 }), RefusalCode.OutOfBounds, ["delivery limit", "-3", "0"]),
        (Declare(Options with { TimeToLive = TimeSpan.FromDays(366) }), RefusalCode.OutOfBounds, ["time to live", "366", "365"]),
        (Declare(Options with { TimeToLive = TimeSpan.Zero }), RefusalCode.OutOfBounds, ["time to live", "00:00:00,", "00:00:00.0010000"]),
        (Declare(Options with { Delay = TimeSpan.FromDays(31) }), RefusalCode.OutOfBounds, ["delay", "31", "30"]),
        (Declare(Options with { Lease = TimeSpan.Zero }), RefusalCode.OutOfBounds, ["lease", "00:00:00.1"]),
        (Declare(Options with { DeadLetterQueue = new QueueName("/") }), RefusalCode.InvalidName, ["dead-letter queue", "\"/\""]),
        (Send(0, default), RefusalCode.OutOfBounds, ["number of messages", "0", "1024"]),
        (Send(1_025, new byte[3 * 1_025]), RefusalCode.OutOfBounds, ["number of messages", "1025", "1024"]),
        (Send(1, new byte[] { 0, 0, 5, 1 }), RefusalCode.Malformed, ["message 1 of 1", "cut short"]),
        (Send(1, new byte[] { 0, 0, 0, 9 }), RefusalCode.Malformed, ["1 bytes follow"]),
        (Send(1, new byte[Bounds.MaxMessageBytes + 1]), RefusalCode.TooLarge, ["message", "262145", "262144"]),
        (Send(1, new byte[Bounds.MaxCommandBytes]), RefusalCode.TooLarge, ["command", "524288"]),
        (Send(1, new byte[3]) with { FirstSequence = 0 }, RefusalCode.OutOfBounds, ["first sequence", "0", "1"]),
        (Send(1, new byte[3]) with { FirstSequence = long.MaxValue }, RefusalCode.OutOfBounds, ["first sequence"]),
        (new Receive(Queue, Consumer, 0, default, default), RefusalCode.OutOfBounds, ["max messages", "0", "1024"]),
        (new Receive(Queue, Consumer, 1, TimeSpan.FromMinutes(2), default), RefusalCode.OutOfBounds, ["wait", "00:02:00", "00:01:00"]),
        (new Receive(Queue, Consumer, 1, TimeSpan.FromSeconds(-1), default), RefusalCode.OutOfBounds, ["wait", "-00:00:01"]),
        (new Receive(Queue, Consumer, 1, default, TimeSpan.FromHours(13)), RefusalCode.OutOfBounds, ["lease", "13:00:00", "12:00:00"]),
        (new Subscribe(Queue, Consumer, 4_097, default), RefusalCode.OutOfBounds, ["prefetch", "4097", "4096"]),
        (new Unsubscribe(Queue, Consumer, -1), RefusalCode.OutOfBounds, ["started through", "-1", "0"]),
        (new Settle(Queue, Consumer, 0, []), RefusalCode.OutOfBounds, ["number of settlements", "0", "1"]),
        (new Settle(Queue, Consumer, 0, [new(SettlementKind.Reject, 1, 1, new string('x', 257))]), RefusalCode.OutOfBounds, ["reason", "257", "256"]),
        (new Extend(Queue, Consumer, [], TimeSpan.Zero), RefusalCode.OutOfBounds, ["lease"]),
        (new Extend(Queue, Consumer, [-1], TimeSpan.FromMinutes(1)), RefusalCode.OutOfBounds, ["token", "-1"]),
        (new Redrive(Queue, Guid.Empty, null, 0), RefusalCode.OutOfBounds, ["max messages", "0", "1024"]),
        (new Redrive(Queue, Guid.Empty, null, 1) { Source = new QueueName("?") }, RefusalCode.InvalidName, ["source", "\"?\""]),
        (new Redrive(Queue, Guid.Empty, null, 1) { FromSequence = -1 }, RefusalCode.OutOfBounds, ["from sequence", "-1", "0"]),
        (new Redrive(Queue, Guid.Empty, null, 1) { ThroughSequence = -2 }, RefusalCode.OutOfBounds, ["through sequence", "-2", "0"]),
        (Arrive(0, []), RefusalCode.OutOfBounds, ["number of messages", "0", "1024"]),
        (Arrive(1, []), RefusalCode.OutOfBounds, ["number of origins", "0", "1"]),
        (Arrive(1, [0]), RefusalCode.OutOfBounds, ["number in the outbox", "0", "1"]),
        (Arrive(2, [7, 7]), RefusalCode.OutOfBounds, ["number in the outbox", "7", "8"]),
        (new ConfirmTransfer(new QueueName("?"), 1, 1), RefusalCode.InvalidName, ["target", "\"?\""]),
        (new Redrive(Queue, Guid.Empty, new QueueName("?"), 1), RefusalCode.InvalidName, ["target", "\"?\""]),
    ];

    public static TheoryData<int> RefusedCommands => new(Enumerable.Range(0, Refused.Length));

    [Theory]
    [MemberData(nameof(RefusedCommands))]
    public void A_command_beyond_its_bounds_is_refused_by_field_value_and_bound(int which)
    {
        var (command, code, says) = Refused[which];
        var bytes = CommandCodec.Encode(command);

        var refusal = Assert.Throws<MalformedException>(() => CommandCodec.Decode(bytes));

        Assert.Equal(code, refusal.Code);
        Assert.All(says, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
        Assert.False(CommandCodec.TryDecode(bytes, out _, out var problem));
        Assert.Equal(refusal.Message, problem);
    }

    [Fact]
    public void A_command_at_its_bounds_is_read()
    {
        ICommand[] commands =
        [
            new DeleteQueue(new QueueName(new string('x', 128))),
            Send(1, Packed(Bounds.MaxMessageBytes)),
            Send(1_024, new byte[3 * 1_024]),
            Send(1, new byte[3]) with { FirstSequence = long.MaxValue - 1 },
            new Receive(Queue, Consumer, Bounds.MaxReceive, Bounds.MaxReceiveWait, Bounds.MaxLease),
            new Subscribe(Queue, Consumer, Bounds.MaxPrefetch, Bounds.MinLease),
            new Redrive(Queue, Guid.Empty, null, 1_024),
        ];
        Assert.All(commands, command => Assert.Equal(ValueText.Of(command), ValueText.Of(CommandCodec.Decode(CommandCodec.Encode(command)))));
    }

    [Fact]
    public void Bytes_that_name_no_command_are_refused()
    {
        var refusal = Assert.Throws<MalformedException>(() => CommandCodec.Decode(default));
        Assert.Equal(RefusalCode.Malformed, refusal.Code);
        Assert.Contains("no command", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_query_beyond_its_bounds_is_refused_by_field_value_and_bound()
    {
        Assert.Contains("1025", Assert.Throws<MalformedException>(() => QueryBounds.Check(new Peek(Queue, 1, 1_025))).Message, StringComparison.Ordinal);
        Assert.Throws<MalformedException>(() => QueryBounds.Check(new Peek(Queue, -1, 1)));
        Assert.Throws<MalformedException>(() => QueryBounds.Check(new ListQueues("a b")));
        Assert.Throws<MalformedException>(() => QueryBounds.Check(new GetQueueStats(new QueueName("a/b"))));
        Assert.Contains("sequence is 0", Assert.Throws<MalformedException>(() => QueryBounds.Check(new ExplainMessage(Queue, 0))).Message, StringComparison.Ordinal);
        Assert.Throws<MalformedException>(() => QueryBounds.Check(new ExplainMessage(new QueueName("a/b"), 1)));
        QueryBounds.Check(new ListQueues(""));
        QueryBounds.Check(new Peek(Queue, 1, 1_024));
    }

    private static Transfer Arrive(int count, long[] numbers) => new(
        Queue,
        new GroupId(1),
        1,
        new MessageBlock(new byte[3 * count], count),
        [.. numbers.Select(number => new DeadLetter(number, Queue, 1, LogTime.Zero, 0, DeadLetterCause.Rejected, ""))]);

    private static DeclareQueue Declare(QueueOptions options) => new(Queue, options);

    private static Enqueue Send(int count, ReadOnlyMemory<byte> packed) => new(Queue, new ProducerId(Sample.Id(4)), 1, true, new MessageBlock(packed, count));

    private static ReadOnlyMemory<byte> Packed(int size)
    {
        var output = new ArrayBufferWriter<byte>();
        MessageView.Write(output, null, null, null, [], new byte[size - 5]);
        return output.WrittenMemory;
    }
}
