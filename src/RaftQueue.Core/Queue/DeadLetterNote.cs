using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>What a dead-lettered message keeps of its life in the queue it came from.</summary>
internal sealed record DeadLetterNote(
    QueueName Source, long SourceSequence, LogTime EnqueuedAt, int DeliveryCount, DeadLetterCause Cause, string Reason)
{
    /// <summary>The note, as a peek shows it.</summary>
    public DeadLetter At(long sequence) => new(sequence, Source, SourceSequence, EnqueuedAt, DeliveryCount, Cause, Reason);
}
