using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>What a dead-lettered message keeps of its life in the queue it came from.</summary>
internal sealed record DeadLetterNote(
    QueueName Source, long SourceSequence, LogTime EnqueuedAt, int DeliveryCount, DeadLetterCause Cause, string Reason)
{
    /// <summary>The group of the source, where that is another than this one: where a redrive goes. Null in an outbox, where all sources are of this group.</summary>
    public GroupId? SourceGroup { get; init; }

    /// <inheritdoc cref="DeadLetter.Via"/>
    public ImmutableArray<QueueName> Via { get; init; } = [];

    /// <inheritdoc cref="DeadLetter.SizeOf"/>
    public int Size => DeadLetter.SizeOf(Source, Reason, Via);

    /// <summary>A message leaves its queue.</summary>
    public static DeadLetterNote Of(QueueState queue, Message message, DeadLetterCause cause, string reason) =>
        new(queue.Name, message.Sequence, new LogTime(message.Ref.EnqueuedAt), message.Ref.DeliveryCount, cause, reason)
        {
            Via = cause != DeadLetterCause.Redriven && message.Note is { } before ? [.. before.Via, before.Source] : [],
        };

    /// <summary>A dead letter has come from another group.</summary>
    public static DeadLetterNote Of(DeadLetter origin, GroupId group) =>
        new(origin.Source, origin.SourceSequence, origin.EnqueuedAt, origin.DeliveryCount, origin.Cause, origin.Reason)
        {
            SourceGroup = group,
            Via = origin.Via,
        };

    /// <summary>Whether it may be moved to this dead-letter queue: not where it was before, and not for ever.</summary>
    public bool MayMoveTo(QueueName queue) => queue != Source && !Via.Contains(queue) && Via.Length + 1 < Bounds.MaxDeadLetterMoves;

    /// <summary>The note, as a peek shows it.</summary>
    public DeadLetter At(long sequence) => new(sequence, Source, SourceSequence, EnqueuedAt, DeliveryCount, Cause, Reason) { Via = Via };
}
