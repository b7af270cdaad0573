using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Commands of the queue machine: only their shape. Their bounds are <see cref="CommandBounds"/>.</summary>
internal static class CommandMapper
{
    private static readonly Proto.Command Tick = new() { Tick = new Proto.Tick() };

    public static Proto.Command ToProto(ICommand command) => command switch
    {
        Enqueue enqueue => new() { Enqueue = ToProto(enqueue) },
        Settle settle => new() { Settle = ToProto(settle) },
        Receive receive => new() { Receive = ToProto(receive) },
        Subscribe subscribe => new() { Subscribe = ToProto(subscribe) },
        Unsubscribe unsubscribe => new() { Unsubscribe = ToProto(unsubscribe) },
        Extend extend => new() { Extend = ToProto(extend) },
        Contracts.Queue.Tick => Tick,
        DeclareQueue declare => new() { DeclareQueue = ToProto(declare) },
        DeleteQueue delete => new() { DeleteQueue = new() { Queue = delete.Queue.Value } },
        PurgeQueue purge => new() { PurgeQueue = new() { Queue = purge.Queue.Value } },
        Redrive redrive => new() { Redrive = RedriveMapper.ToProto(redrive) },
        Transfer transfer => new() { Transfer = TransferMapper.ToProto(transfer) },
        ConfirmTransfer confirm => new() { ConfirmTransfer = TransferMapper.ToProto(confirm) },
        _ => throw new ArgumentException($"{command.GetType().Name} has no wire form; give it one in queue.proto and here.", nameof(command)),
    };

    public static ICommand FromProto(Proto.Command proto) => proto.CommandCase switch
    {
        Proto.Command.CommandOneofCase.Enqueue => FromProto(proto.Enqueue),
        Proto.Command.CommandOneofCase.Settle => FromProto(proto.Settle),
        Proto.Command.CommandOneofCase.Receive => FromProto(proto.Receive),
        Proto.Command.CommandOneofCase.Subscribe => FromProto(proto.Subscribe),
        Proto.Command.CommandOneofCase.Unsubscribe => FromProto(proto.Unsubscribe),
        Proto.Command.CommandOneofCase.Extend => FromProto(proto.Extend),
        Proto.Command.CommandOneofCase.Tick => Contracts.Queue.Tick.Instance,
        Proto.Command.CommandOneofCase.DeclareQueue => FromProto(proto.DeclareQueue),
        Proto.Command.CommandOneofCase.DeleteQueue => new DeleteQueue(new QueueName(proto.DeleteQueue.Queue)),
        Proto.Command.CommandOneofCase.PurgeQueue => new PurgeQueue(new QueueName(proto.PurgeQueue.Queue)),
        Proto.Command.CommandOneofCase.Redrive => RedriveMapper.FromProto(proto.Redrive),
        Proto.Command.CommandOneofCase.Transfer => TransferMapper.FromProto(proto.Transfer),
        Proto.Command.CommandOneofCase.ConfirmTransfer => TransferMapper.FromProto(proto.ConfirmTransfer),
        _ => throw Expect.Malformed("the bytes name no command that this version knows; were they written by a newer version?"),
    };

    private static Proto.DeclareQueue ToProto(DeclareQueue declare)
    {
        var proto = new Proto.DeclareQueue { Queue = declare.Queue.Value, Options = QueueOptionsMapper.ToProto(declare.Options) };
        if (declare.DeadLetterGroup is { } group)
            proto.DeadLetterGroup = group.Value;
        return proto;
    }

    private static DeclareQueue FromProto(Proto.DeclareQueue declare) =>
        new(new QueueName(declare.Queue), QueueOptionsMapper.FromProto(declare.Options))
        {
            DeadLetterGroup = declare.HasDeadLetterGroup ? Expect.Group(declare.DeadLetterGroup) : null,
        };

    private static Proto.Enqueue ToProto(Enqueue enqueue) => new()
    {
        Queue = enqueue.Queue.Value,
        Producer = ProtoBytes.Of(enqueue.Producer.Value),
        FirstSequence = enqueue.FirstSequence,
        IsAtomic = enqueue.IsAtomic,
        Messages = BlockMapper.ToProto(enqueue.Messages),
    };

    private static Enqueue FromProto(Proto.Enqueue enqueue) => new(
        new QueueName(enqueue.Queue),
        new ProducerId(Expect.Id(enqueue.Producer, "producer")),
        enqueue.FirstSequence,
        enqueue.IsAtomic,
        BlockMapper.FromProto(enqueue.Messages));

    private static Proto.Receive ToProto(Receive receive) => new()
    {
        Queue = receive.Queue.Value,
        Consumer = ProtoBytes.Of(receive.Consumer.Value),
        MaxMessages = receive.MaxMessages,
        WaitMs = ProtoBytes.Of(receive.Wait),
        LeaseMs = ProtoBytes.Of(receive.Lease),
    };

    private static Receive FromProto(Proto.Receive receive) => new(
        new QueueName(receive.Queue),
        Expect.Consumer(receive.Consumer),
        receive.MaxMessages,
        Expect.Span(receive.WaitMs, "wait"),
        Expect.Span(receive.LeaseMs, "lease"));

    private static Proto.Subscribe ToProto(Subscribe subscribe) => new()
    {
        Queue = subscribe.Queue.Value,
        Consumer = ProtoBytes.Of(subscribe.Consumer.Value),
        Prefetch = subscribe.Prefetch,
        LeaseMs = ProtoBytes.Of(subscribe.Lease),
        StartedThrough = subscribe.StartedThrough,
    };

    private static Subscribe FromProto(Proto.Subscribe subscribe) => new(
        new QueueName(subscribe.Queue),
        Expect.Consumer(subscribe.Consumer),
        subscribe.Prefetch,
        Expect.Span(subscribe.LeaseMs, "lease"),
        subscribe.StartedThrough);

    private static Proto.Unsubscribe ToProto(Unsubscribe unsubscribe) => new()
    {
        Queue = unsubscribe.Queue.Value,
        Consumer = ProtoBytes.Of(unsubscribe.Consumer.Value),
        StartedThrough = unsubscribe.StartedThrough,
    };

    private static Unsubscribe FromProto(Proto.Unsubscribe unsubscribe) =>
        new(new QueueName(unsubscribe.Queue), Expect.Consumer(unsubscribe.Consumer), unsubscribe.StartedThrough);

    private static Proto.Settle ToProto(Settle settle) => new()
    {
        Queue = settle.Queue.Value,
        Consumer = ProtoBytes.Of(settle.Consumer.Value),
        StartedThrough = settle.StartedThrough,
        Settlements = ProtoBytes.Wrap(SettlementBlock.Pack(settle.Settlements)),
    };

    private static Settle FromProto(Proto.Settle settle) => new(
        new QueueName(settle.Queue), Expect.Consumer(settle.Consumer), settle.StartedThrough, SettlementBlock.Read(settle.Settlements.Memory));

    private static Proto.Extend ToProto(Extend extend)
    {
        var proto = new Proto.Extend
        {
            Queue = extend.Queue.Value,
            Consumer = ProtoBytes.Of(extend.Consumer.Value),
            LeaseMs = ProtoBytes.Of(extend.Lease),
        };
        proto.Tokens.AddRange(extend.Tokens);
        return proto;
    }

    private static Extend FromProto(Proto.Extend extend) => new(
        new QueueName(extend.Queue), Expect.Consumer(extend.Consumer), [.. extend.Tokens], Expect.Span(extend.LeaseMs, "lease"));
}
