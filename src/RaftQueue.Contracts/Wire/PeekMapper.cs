using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>What a peek saw, with the past of dead letters.</summary>
internal static class PeekMapper
{
    public static Proto.Peeked ToProto(Peeked peeked)
    {
        var proto = new Proto.Peeked { Queue = peeked.Queue.Value, Deliveries = BlockMapper.ToProto(peeked.Deliveries) };
        foreach (var letter in peeked.DeadLetters)
            proto.DeadLetters.Add(ToProto(letter));
        return proto;
    }

    public static Peeked FromProto(Proto.Peeked proto) => new(Expect.Queue(proto.Queue), BlockMapper.FromProto(proto.Deliveries))
    {
        DeadLetters = [.. proto.DeadLetters.Select(FromProto)],
    };

    public static Proto.DeadLetter ToProto(DeadLetter letter) => new()
    {
        Sequence = letter.Sequence,
        Source = letter.Source.Value,
        SourceSequence = letter.SourceSequence,
        EnqueuedAt = letter.EnqueuedAt.Milliseconds,
        DeliveryCount = letter.DeliveryCount,
        Cause = (Proto.DeadLetterCause)letter.Cause,
        Reason = letter.Reason,
    };

    public static DeadLetter FromProto(Proto.DeadLetter proto) => new(
        proto.Sequence,
        Expect.Queue(proto.Source),
        proto.SourceSequence,
        new LogTime(proto.EnqueuedAt),
        Expect.NotNegative(proto.DeliveryCount, "delivery count"),
        Cause(proto.Cause),
        proto.Reason);

    /// <summary>A cause that only a newer version knows still has its reason in words.</summary>
    public static DeadLetterCause Cause(Proto.DeadLetterCause cause) =>
        Enum.IsDefined((DeadLetterCause)(byte)cause) ? (DeadLetterCause)(byte)cause : DeadLetterCause.Unknown;
}
