using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>What became of one message? The log is the history, so the answer reaches back as far as the log is kept.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Sequence">The message's sequence there, from 1.</param>
public sealed record ExplainMessage(QueueName Queue, long Sequence) : IQuery;

/// <summary>Where a message stands at one point of the log.</summary>
public enum MessageStanding : byte
{
    /// <summary>Nothing was said: a version mismatch.</summary>
    Unknown = 0,

    /// <summary>Its number was not given to any message yet.</summary>
    NotEnqueued = 1,

    /// <summary>It waits for a consumer.</summary>
    Ready = 2,

    /// <summary>It waits for its time.</summary>
    Delayed = 3,

    /// <summary>A consumer holds it.</summary>
    Leased = 4,

    /// <summary>It is not in the queue any more.</summary>
    Gone = 5,
}

/// <summary>What can happen to a message.</summary>
public enum MessageEventKind : byte
{
    /// <summary>Something that only a newer version knows.</summary>
    Unknown = 0,

    /// <summary>A producer sent it.</summary>
    Enqueued = 1,

    /// <summary>It came as a dead letter from another queue.</summary>
    ArrivedAsDeadLetter = 2,

    /// <summary>It came out of a dead-letter queue by a redrive.</summary>
    ArrivedByRedrive = 3,

    /// <summary>It was leased to a consumer.</summary>
    Delivered = 4,

    /// <summary>Its lease was extended.</summary>
    Extended = 5,

    /// <summary>Its consumer released it.</summary>
    Released = 6,

    /// <summary>Its lease ended without a word of its consumer.</summary>
    LeaseEnded = 7,

    /// <summary>Its consumer ended, or was gone, and gave back what it held.</summary>
    ConsumerEnded = 8,

    /// <summary>Its consumer acknowledged it: it is done.</summary>
    Acknowledged = 9,

    /// <summary>Its consumer rejected it.</summary>
    Rejected = 10,

    /// <summary>It left for a dead-letter queue.</summary>
    DeadLettered = 11,

    /// <summary>It would have been dead-lettered, but its queue has no dead-letter queue: it is lost, as declared.</summary>
    LetGo = 12,

    /// <summary>It left this dead-letter queue by a redrive.</summary>
    Redriven = 13,

    /// <summary>The queue of another group, to which it had left, has it.</summary>
    TransferConfirmed = 14,

    /// <summary>The queue was purged.</summary>
    Purged = 15,

    /// <summary>The queue was deleted with it.</summary>
    QueueDeleted = 16,
}

/// <summary>Something that happened to a message; what does not apply to its kind is left out.</summary>
/// <param name="Index">The entry of the log that caused it.</param>
/// <param name="At">The log time of that entry.</param>
/// <param name="Kind">What happened.</param>
public sealed record MessageEvent(LogIndex Index, LogTime At, MessageEventKind Kind)
{
    /// <summary>Who sent it.</summary>
    public ProducerId? Producer { get; init; }

    /// <summary>Who got it, held it or decided over it.</summary>
    public ConsumerId? Consumer { get; init; }

    /// <summary>The fencing token of the lease; 0 where none is concerned.</summary>
    public long Token { get; init; }

    /// <summary>The number of the delivery, or how many were started by then.</summary>
    public int DeliveryCount { get; init; }

    /// <summary>When it is due, or when the lease ends.</summary>
    public LogTime? Until { get; init; }

    /// <summary>The queue that it came from or went to.</summary>
    public QueueName? Other { get; init; }

    /// <summary>Its sequence there; 0 while it is on its way to another group, where it gets one when it arrives.</summary>
    public long OtherSequence { get; init; }

    /// <summary>Why it was dead-lettered, for programs.</summary>
    public DeadLetterCause Cause { get; init; }

    /// <summary>Why, for people; of a reject, what the consumer said.</summary>
    public string Reason { get; init; } = "";
}

/// <summary>What is known of one message.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Sequence">The message.</param>
/// <param name="Since">The kept history begins after this entry of the log: what happened before it is forgotten.</param>
/// <param name="SinceTime">The log time there.</param>
/// <param name="Through">The last entry that was looked at.</param>
/// <param name="Before">Where the message stood when the kept history began: one that was gone by then has no events.</param>
/// <param name="Now">Where it stands after the last entry.</param>
/// <param name="Events">What happened to it in between, in order.</param>
/// <param name="IsComplete">Whether later events did not have to be left out, because there are more than <see cref="Bounds.MaxMessageEvents"/>.</param>
public sealed record Explained(
    QueueName Queue,
    long Sequence,
    LogIndex Since,
    LogTime SinceTime,
    LogIndex Through,
    MessageStanding Before,
    MessageStanding Now,
    ImmutableArray<MessageEvent> Events,
    bool IsComplete) : IReply;
