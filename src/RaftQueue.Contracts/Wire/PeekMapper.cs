using System.Collections.Immutable;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>What a peek saw, with the past of dead letters.</summary>
internal static class PeekMapper
{
    public static Proto.Peeked ToProto(Peeked peeked)
    {
        var proto = new Proto.Peeked { Queue = peeked.Queue.Value, Deliveries = BlockMapper.ToProto(peeked.Deliveries) };
        proto.DeadLetters.AddRange(ToProto(peeked.DeadLetters));
        return proto;
    }

    public static Peeked FromProto(Proto.Peeked proto) => new(Expect.Queue(proto.Queue), BlockMapper.FromProto(proto.Deliveries))
    {
        DeadLetters = FromProto(proto.DeadLetters),
    };

    public static IEnumerable<Proto.DeadLetter> ToProto(ImmutableArray<DeadLetter> letters) => letters.Select(ToProto);

    public static Proto.DeadLetter ToProto(DeadLetter letter)
    {
        var proto = new Proto.DeadLetter
        {
            Sequence = letter.Sequence,
            Source = letter.Source.Value,
            SourceSequence = letter.SourceSequence,
            EnqueuedAt = letter.EnqueuedAt.Milliseconds,
            DeliveryCount = letter.DeliveryCount,
            Cause = (Proto.DeadLetterCause)letter.Cause,
            Reason = letter.Reason,
        };
        proto.Via.AddRange(letter.Via.Select(queue => queue.Value));
        return proto;
    }

    public static ImmutableArray<DeadLetter> FromProto(IEnumerable<Proto.DeadLetter> letters) => [.. letters.Select(FromProto)];

    public static DeadLetter FromProto(Proto.DeadLetter proto) => new(
        proto.Sequence,
        Expect.Queue(proto.Source),
        proto.SourceSequence,
        new LogTime(proto.EnqueuedAt),
        Expect.NotNegative(proto.DeliveryCount, "delivery count"),
        Cause(proto.Cause),
        proto.Reason)
    {
        Via = proto.Via.Count == 0 ? [] : [.. proto.Via.Select(queue => Expect.Queue(queue, "via"))],
    };

    /// <summary>A cause that only a newer version knows still has its reason in words.</summary>
    public static DeadLetterCause Cause(Proto.DeadLetterCause cause) =>
        Enum.IsDefined((DeadLetterCause)(byte)cause) ? (DeadLetterCause)(byte)cause : DeadLetterCause.Unknown;
}
