using System.Collections.Immutable;
using System.Text;

namespace RaftQueue.Contracts.Queue;

/// <summary>Why a message is in a dead-letter queue.</summary>
public enum DeadLetterCause : byte
{
    /// <summary>No cause was named: a version mismatch.</summary>
    Unknown = 0,

    /// <summary>A consumer rejected it.</summary>
    Rejected = 1,

    /// <summary>It was delivered as often as its queue allows.</summary>
    DeliveryLimit = 2,

    /// <summary>Its time to live was over.</summary>
    Expired = 3,

    /// <summary>It was the oldest when its queue was full.</summary>
    Dropped = 4,

    /// <summary>It is no dead letter any more: it was redriven, and is on its way to a queue of another group.</summary>
    Redriven = 5,
}

/// <summary>What a dead-lettered message keeps of its life in the queue it came from.</summary>
/// <param name="Sequence">The message, by its sequence in the dead-letter queue.</param>
/// <param name="Source">The queue it came from.</param>
/// <param name="SourceSequence">Its sequence there.</param>
/// <param name="EnqueuedAt">When it was enqueued there.</param>
/// <param name="DeliveryCount">How many deliveries were started there.</param>
/// <param name="Cause">Why it was moved.</param>
/// <param name="Reason">The same for people; of a reject, what the consumer said.</param>
public sealed record DeadLetter(
    long Sequence, QueueName Source, long SourceSequence, LogTime EnqueuedAt, int DeliveryCount, DeadLetterCause Cause, string Reason)
{
    // An upper bound of what it takes on the wire beside its names and its reason.
    private const int Overhead = 64;

    /// <summary>
    /// The queues that it was in before <see cref="Source"/>, oldest first, where it came there as a dead letter as well. It is never
    /// moved to a queue that it was in before,
    /// so that it comes to rest also where dead-letter queues form a cycle.
    /// </summary>
    public ImmutableArray<QueueName> Via { get; init; } = [];

    /// <summary>About how many bytes this takes on the wire; never less than it does.</summary>
    public static int SizeOf(QueueName source, string reason, ImmutableArray<QueueName> via)
    {
        var size = Overhead + source.Value.Length + Encoding.UTF8.GetByteCount(reason);
        foreach (var queue in via)
            size += queue.Value.Length + 2;
        return size;
    }
}
