using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>A question about the state. The leader answers it by ReadIndex, so the answer is never stale (§8).</summary>
public interface IQuery;

/// <summary>How is one queue?</summary>
/// <param name="Queue">The queue.</param>
public sealed record GetQueueStats(QueueName Queue) : IQuery;

/// <summary>Which queues does this group have? The answer is one page of at most about <see cref="Bounds.MaxPageBytes"/>.</summary>
/// <param name="Prefix">Only names that start so; empty for all.</param>
/// <param name="After">Only names behind this one, in ordinal order: the last name of the page before. Null for the first page.</param>
public sealed record ListQueues(string Prefix, QueueName? After = null) : IQuery;

/// <summary>Look at messages without taking them.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="FromSequence">The first sequence of interest.</param>
/// <param name="MaxMessages">How many at most, 1 to <see cref="Bounds.MaxReceive"/>.</param>
public sealed record Peek(QueueName Queue, long FromSequence, int MaxMessages) : IQuery;

/// <summary>How a queue is, at one point of the log.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Options">As declared.</param>
/// <param name="Ready">Messages that could be delivered now.</param>
/// <param name="Leased">Messages that consumers hold.</param>
/// <param name="Delayed">Messages that are not due yet.</param>
/// <param name="Bytes">Bytes of all these.</param>
/// <param name="Consumers">Open subscriptions.</param>
/// <param name="FirstSequence">The sequence of the oldest message; the next one where the queue is empty.</param>
/// <param name="NextSequence">The sequence that the next message gets.</param>
/// <param name="Enqueued">Messages stored since the queue was declared.</param>
/// <param name="Acknowledged">Messages acknowledged since then.</param>
/// <param name="DeadLettered">Messages that left for the dead-letter queue, or away in its absence.</param>
/// <param name="Redelivered">Deliveries beyond a message's first.</param>
public sealed record QueueStats(
    QueueName Queue,
    QueueOptions Options,
    long Ready,
    long Leased,
    long Delayed,
    long Bytes,
    int Consumers,
    long FirstSequence,
    long NextSequence,
    long Enqueued,
    long Acknowledged,
    long DeadLettered,
    long Redelivered) : IReply
{
    /// <summary>
    /// Messages that left this queue for one in another group, by dead-lettering or redrive, and are not known to have arrived: they wait in the outbox of this queue's
    /// group. More than a few, for more than a moment, say that the other group has no leader or the queue there is full.
    /// </summary>
    public long InTransit { get; init; }
}

/// <summary>A page of the queues of a group.</summary>
/// <param name="Queues">Ordered by name.</param>
public sealed record QueueList(ImmutableArray<QueueStats> Queues) : IReply
{
    /// <summary>Whether more queues follow the last of these: ask for those after it.</summary>
    public bool HasMore { get; init; }
}

/// <summary>Messages that were looked at.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Deliveries">In the order of their sequences; tokens are 0 where nobody holds them.</param>
public sealed record Peeked(QueueName Queue, DeliveryBlock Deliveries) : IReply
{
    /// <summary>Of those that were dead-lettered: where they came from and why, in the order of their sequences.</summary>
    public ImmutableArray<DeadLetter> DeadLetters { get; init; } = [];
}
