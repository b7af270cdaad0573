using Google.Protobuf;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>The history of a message.</summary>
internal static class ExplainedMapper
{
    public static Proto.Explained ToProto(Explained explained)
    {
        var proto = new Proto.Explained
        {
            Queue = explained.Queue.Value,
            Sequence = explained.Sequence,
            Since = explained.Since.Value,
            SinceTime = explained.SinceTime.Milliseconds,
            Through = explained.Through.Value,
            Before = (uint)explained.Before,
            Now = (uint)explained.Now,
            IsComplete = explained.IsComplete,
        };
        foreach (var happened in explained.Events)
            proto.Events.Add(ToProto(happened));
        return proto;
    }

    public static Explained FromProto(Proto.Explained proto) => new(
        Expect.Queue(proto.Queue),
        Expect.NotNegative(proto.Sequence, "sequence"),
        Expect.Index(proto.Since, "since"),
        Expect.Time(proto.SinceTime, "since time"),
        Expect.Index(proto.Through, "through"),
        Standing(proto.Before),
        Standing(proto.Now),
        [.. proto.Events.Select(FromProto)],
        proto.IsComplete);

    private static Proto.MessageEvent ToProto(MessageEvent happened)
    {
        var proto = new Proto.MessageEvent
        {
            Index = happened.Index.Value,
            At = happened.At.Milliseconds,
            Kind = (uint)happened.Kind,
            Producer = happened.Producer is { } producer ? ProtoBytes.Of(producer.Value) : ByteString.Empty,
            Consumer = happened.Consumer is { } consumer ? ProtoBytes.Of(consumer.Value) : ByteString.Empty,
            Token = happened.Token,
            DeliveryCount = happened.DeliveryCount,
            Other = happened.Other?.Value ?? "",
            OtherSequence = happened.OtherSequence,
            Cause = (Proto.DeadLetterCause)happened.Cause,
            Reason = happened.Reason,
        };
        if (happened.Until is { } until)
            proto.Until = until.Milliseconds;
        return proto;
    }

    private static MessageEvent FromProto(Proto.MessageEvent proto) => new(Expect.Index(proto.Index, "index"), Expect.Time(proto.At, "at"), Kind(proto.Kind))
    {
        Producer = proto.Producer.IsEmpty ? null : new ProducerId(Expect.Id(proto.Producer, "producer")),
        Consumer = proto.Consumer.IsEmpty ? null : Expect.Consumer(proto.Consumer),
        Token = Expect.NotNegative(proto.Token, "token"),
        DeliveryCount = Expect.NotNegative(proto.DeliveryCount, "delivery count"),
        Until = proto.HasUntil ? Expect.Time(proto.Until, "until") : null,
        Other = proto.Other.Length == 0 ? null : Expect.Queue(proto.Other, "other queue"),
        OtherSequence = Expect.NotNegative(proto.OtherSequence, "other sequence"),
        Cause = PeekMapper.Cause(proto.Cause),
        Reason = proto.Reason,
    };

    private static MessageEventKind Kind(uint kind) =>
        kind <= (uint)MessageEventKind.QueueDeleted ? (MessageEventKind)kind : MessageEventKind.Unknown;

    private static MessageStanding Standing(uint standing) =>
        standing <= (uint)MessageStanding.Gone ? (MessageStanding)standing : MessageStanding.Unknown;
}
