using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Messages on their way between groups.</summary>
internal static class TransferMapper
{
    public static Proto.Transfer ToProto(Transfer transfer)
    {
        var proto = new Proto.Transfer
        {
            Queue = transfer.Queue.Value,
            From = transfer.From.Value,
            Outbox = transfer.Outbox,
            Messages = BlockMapper.ToProto(transfer.Messages),
        };
        foreach (var origin in transfer.Origins)
            proto.Origins.Add(PeekMapper.ToProto(origin));
        return proto;
    }

    public static Transfer FromProto(Proto.Transfer proto) => new(
        new QueueName(proto.Queue),
        Expect.Group(proto.From),
        proto.Outbox,
        BlockMapper.FromProto(proto.Messages),
        [.. proto.Origins.Select(PeekMapper.FromProto)]);

    public static Proto.ConfirmTransfer ToProto(ConfirmTransfer confirm) =>
        new() { Target = confirm.Target.Value, Outbox = confirm.Outbox, Through = confirm.Through };

    public static ConfirmTransfer FromProto(Proto.ConfirmTransfer proto) => new(new QueueName(proto.Target), proto.Outbox, proto.Through);

    public static Proto.Transferred ToProto(Transferred transferred) =>
        new() { Queue = transferred.Queue.Value, Outbox = transferred.Outbox, Through = transferred.Through };

    public static Transferred FromProto(Proto.Transferred proto) => new(
        Expect.Queue(proto.Queue), Expect.NotNegative(proto.Outbox, "outbox"), Expect.NotNegative(proto.Through, "through"));

    public static Proto.TransferConfirmed ToProto(TransferConfirmed confirmed) =>
        new() { Target = confirmed.Target.Value, Messages = confirmed.Messages };

    public static TransferConfirmed FromProto(Proto.TransferConfirmed proto) =>
        new(Expect.Queue(proto.Target, "target"), Expect.NotNegative(proto.Messages, "number of messages"));
}
