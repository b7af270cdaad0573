using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>The options of a queue.</summary>
internal static class QueueOptionsMapper
{
    public static Proto.QueueOptions ToProto(QueueOptions options)
    {
        var proto = WithoutTimeToLive(options);
        if (options.TimeToLive is { } kept)
            proto.TimeToLiveMs = ProtoBytes.Of(kept);
        return proto;
    }

    public static QueueOptions FromProto(Proto.QueueOptions? proto)
    {
        var options = Expect.Present(proto, "options");
        return new QueueOptions
        {
            MaxMessages = options.MaxMessages,
            MaxBytes = options.MaxBytes,
            Overflow = Policy(options.Overflow),
            DeliveryLimit = options.DeliveryLimit,
            DeadLetterQueue = options.DeadLetterQueue.Length == 0 ? null : new QueueName(options.DeadLetterQueue),
            TimeToLive = options.HasTimeToLiveMs ? Expect.Span(options.TimeToLiveMs, "time to live") : null,
            Delay = Expect.Span(options.DelayMs, "delay"),
            Lease = Expect.Span(options.LeaseMs, "lease"),
            SingleActiveConsumer = options.SingleActiveConsumer,
        };
    }

    private static Proto.QueueOptions WithoutTimeToLive(QueueOptions options) => new()
    {
        MaxMessages = options.MaxMessages,
        MaxBytes = options.MaxBytes,
        Overflow = options.Overflow == OverflowPolicy.DropOldest ? Proto.OverflowPolicy.DropOldest : Proto.OverflowPolicy.RejectNew,
        DeliveryLimit = options.DeliveryLimit,
        DeadLetterQueue = options.DeadLetterQueue?.Value ?? "",
        DelayMs = ProtoBytes.Of(options.Delay),
        LeaseMs = ProtoBytes.Of(options.Lease),
        SingleActiveConsumer = options.SingleActiveConsumer,
    };

    private static OverflowPolicy Policy(Proto.OverflowPolicy policy) => policy switch
    {
        Proto.OverflowPolicy.RejectNew => OverflowPolicy.RejectNew,
        Proto.OverflowPolicy.DropOldest => OverflowPolicy.DropOldest,
        _ => throw Expect.Malformed($"overflow policy {(int)policy} is unknown; was it sent by a newer version?"),
    };
}
