using System.Buffers;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Names and short forms for the tests of the queue machine.</summary>
internal static class Given
{
    public static readonly QueueName Orders = new("orders");
    public static readonly QueueName Dead = new("orders.dead");
    public static readonly ProducerId Alice = new(new Guid("a11ce000-0000-0000-0000-000000000001"));
    public static readonly ConsumerId Bob = new(new Guid("b0b00000-0000-0000-0000-000000000001"));
    public static readonly ConsumerId Carol = new(new Guid("ca501000-0000-0000-0000-000000000002"));
    public static readonly Layout Tiny = new(PageBits: 3, SegmentBytes: 64);

    /// <summary>One message.</summary>
    public sealed record Text(string Body, string? Group = null, TimeSpan? Delay = null, TimeSpan? TimeToLive = null);

    public static MessageBlock Block(params IEnumerable<Text> messages)
    {
        var output = new ArrayBufferWriter<byte>();
        var count = 0;
        foreach (var message in messages)
        {
            MessageView.Write(output, message.Delay, message.TimeToLive, message.Group, [], Encoding.UTF8.GetBytes(message.Body));
            count++;
        }

        return new MessageBlock(output.WrittenMemory, count);
    }

    public static MessageBlock Bodies(params IEnumerable<string> bodies) => Block(bodies.Select(body => new Text(body)));

    public static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public static Settlement Ack(Lease lease) => new(SettlementKind.Ack, lease.Sequence, lease.Token, "");

    public static Settlement Release(Lease lease) => new(SettlementKind.Release, lease.Sequence, lease.Token, "");

    public static Settlement Reject(Lease lease, string reason) => new(SettlementKind.Reject, lease.Sequence, lease.Token, reason);
}

/// <summary>A machine with a log of its own: each command becomes the next entry at the present time.</summary>
internal sealed class Bench(QueueMachine machine)
{
    private readonly Dictionary<(QueueName, ProducerId), long> _numbers = [];

    public Bench()
        : this(new QueueMachine(Given.Tiny))
    {
    }

    public QueueMachine Machine { get; set; } = machine;

    public LogTime Now { get; private set; } = new(1_000_000);

    /// <summary>The effects of all commands so far, in order.</summary>
    public List<QueueEffect> Effects { get; } = [];

    public IReply? Do(ICommand command)
    {
        var outcome = Machine.Apply(Machine.AppliedIndex.Next, Now, command);
        Effects.AddRange(outcome.Effects);
        return outcome.Reply;
    }

    public T Do<T>(ICommand command)
        where T : IReply => Assert.IsType<T>(Do(command));

    public Refused Refuses(ICommand command, RefusalCode code)
    {
        var before = StateBut();
        var refused = Do<Refused>(command);
        Assert.Equal(code, refused.Code);
        Assert.Equal(before, StateBut());
        return refused;
    }

    /// <summary>The command is carried out, but nothing of it is stored.</summary>
    public Refused StoresNothing(Enqueue command, RefusalCode code)
    {
        var before = StateBut();
        var answer = Do<Enqueued>(command);
        var refused = answer.RefusedMessages.FirstOrDefault()?.Refusal ?? answer.Refusal;
        Assert.Equal((0, code), (answer.Count, refused?.Code));
        Assert.Equal(before, StateBut());
        return refused!;
    }

    public void Declare(QueueOptions? options = null, QueueName? queue = null, GroupId? deadLetterGroup = null) =>
        Do<Declared>(new DeclareQueue(queue ?? Given.Orders, options ?? QueueOptions.Default) { DeadLetterGroup = deadLetterGroup });

    /// <summary>Enqueues under the producer's next numbers.</summary>
    public IReply? Send(MessageBlock messages, bool isAtomic = true, QueueName? queue = null, ProducerId? producer = null)
    {
        var key = (queue ?? Given.Orders, producer ?? Given.Alice);
        var first = _numbers.GetValueOrDefault(key) + 1;
        var reply = Do(new Enqueue(key.Item1, key.Item2, first, isAtomic, messages));
        if (reply is Enqueued)
            _numbers[key] = first + messages.Count - 1;
        return reply;
    }

    public IReply? Send(params string[] bodies) => Send(Given.Bodies(bodies));

    public void Subscribe(ConsumerId consumer, int prefetch = 1, TimeSpan lease = default) =>
        Do<Subscribed>(new Subscribe(Given.Orders, consumer, prefetch, lease));

    public Settled Settle(ConsumerId consumer, params Settlement[] settlements) => Settle(consumer, 0, settlements);

    public Settled Settle(ConsumerId consumer, long startedThrough, params Settlement[] settlements) =>
        Do<Settled>(new Settle(Given.Orders, consumer, startedThrough, [.. settlements]));

    /// <summary>Pulls from a queue without waiting.</summary>
    public IReadOnlyList<Lease> Pull(int max = 1_024, QueueName? queue = null, ConsumerId? consumer = null)
    {
        var id = consumer ?? ConsumerId.New();
        Assert.Null(Do(new Receive(queue ?? Given.Orders, id, max, TimeSpan.Zero, TimeSpan.Zero)));
        return Assert.IsType<QueueEffect.Answer>(Effects[^1]).Leases;
    }

    public void Pass(double seconds) => Now += Given.Seconds(seconds);

    public void Tick() => Do<Ticked>(Contracts.Queue.Tick.Instance);

    public void Tick(double seconds)
    {
        Pass(seconds);
        Tick();
    }

    public IReadOnlyList<Lease> Held(ConsumerId consumer) => Machine.HeldBy(Given.Orders, consumer);

    public string[] Texts(IEnumerable<Lease> leases) => [.. leases.Select(lease => Text(lease.Body))];

    public string Text(BodyRef body)
    {
        Assert.True(Machine.TryGetBody(body, out var bytes));
        foreach (var message in new MessageBlock(bytes, 1))
            return Encoding.UTF8.GetString(message.Body.Span);
        throw new InvalidOperationException("The block is empty.");
    }

    public QueueStats Stats(QueueName? queue = null) => Assert.IsType<QueueStats>(Machine.Query(new GetQueueStats(queue ?? Given.Orders)));

    public Peeked Peek(QueueName? queue = null, long from = 1, int max = 1_024) =>
        Assert.IsType<Peeked>(Machine.Query(new Peek(queue ?? Given.Orders, from, max)));

    public string[] PeekTexts(QueueName? queue = null) =>
        [.. PeekPages(queue).SelectMany(page => page.Deliveries.ToList()).Select(delivery => Encoding.UTF8.GetString(BodyOf(delivery.Message).Span))];

    /// <summary>The whole queue: a peek gives as much as lies in a few segments.</summary>
    public IEnumerable<Peeked> PeekPages(QueueName? queue = null)
    {
        for (var page = Peek(queue); page.Deliveries.Count > 0; page = Peek(queue, page.Deliveries.ToList()[^1].Sequence + 1))
            yield return page;
    }

    /// <summary>The machine after a capture and a restore of it.</summary>
    public static QueueMachine Copy(QueueMachine machine, SnapshotStore? store = null)
    {
        store ??= new SnapshotStore();
        return store.Restore(store.Take(machine));
    }

    private static ReadOnlyMemory<byte> BodyOf(ReadOnlyMemory<byte> packed)
    {
        foreach (var message in new MessageBlock(packed, 1))
            return message.Body;
        return default;
    }

    // What a refusal must not change: everything but the place in the log. Time does not move here.
    private string StateBut() => string.Join('\n', ((QueueList)Machine.Query(new ListQueues(""))).Queues) + string.Join(',', Machine.Consumers);
}

/// <summary>Keeps snapshot pieces by name.</summary>
internal sealed class SnapshotStore
{
    public Dictionary<string, ReadOnlyMemory<byte>> Pieces { get; } = [];

    public ReadOnlyMemory<byte> Take(QueueMachine machine)
    {
        var capture = machine.Capture();
        foreach (var piece in capture.NewPieces)
        {
            // Pieces are named for what is in them: a name that is there already must stand for the same bytes.
            if (Pieces.TryGetValue(piece.Name, out var known))
                Assert.True(known.Span.SequenceEqual(piece.Bytes.Span), piece.Name);
            Pieces[piece.Name] = piece.Bytes.ToArray();
        }

        machine.MarkStored(capture.Index);

        return capture.Manifest;
    }

    public QueueMachine Restore(ReadOnlyMemory<byte> manifest, Layout? layout = null, bool loadsSegments = true) =>
        QueueMachine.Restore(manifest, name => Pieces[name], loadsSegments, layout ?? Given.Tiny);
}
