using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>A command for the queue machine: the payload of a log entry.</summary>
public interface ICommand;

/// <summary>A command for one queue.</summary>
public interface IQueueCommand : ICommand
{
    /// <summary>The queue.</summary>
    QueueName Queue { get; }
}

/// <summary>Create a queue. Declaring it again with the same options changes nothing; with others it is refused.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Options">How it is to behave.</param>
public sealed record DeclareQueue(QueueName Queue, QueueOptions Options) : IQueueCommand
{
    /// <summary>
    /// The group of the dead-letter queue, where that is another than the queue's own; else null. The node that takes the command in writes it, whatever a client
    /// says: the log then holds all that the machine must know of the other groups.
    /// </summary>
    public GroupId? DeadLetterGroup { get; init; }
}

/// <summary>Delete a queue with all its messages; its consumers are told.</summary>
/// <param name="Queue">The queue.</param>
public sealed record DeleteQueue(QueueName Queue) : IQueueCommand;

/// <summary>Remove every message that nobody holds.</summary>
/// <param name="Queue">The queue.</param>
public sealed record PurgeQueue(QueueName Queue) : IQueueCommand;

/// <summary>
/// Add messages to the end of a queue. Their producer numbers run from <paramref name="FirstSequence"/> without gap; the producer's first command
/// starts at 1. A command that was applied before is answered as it was then and stores nothing; that holds also for one of which nothing
/// was stored: what was refused
/// once is never stored by an attempt of the same command that comes later.
/// </summary>
/// <param name="Queue">The queue.</param>
/// <param name="Producer">Who sends.</param>
/// <param name="FirstSequence">The producer's number of the first message.</param>
/// <param name="IsAtomic">All messages are stored or none; otherwise those that fit.</param>
/// <param name="Messages">1 to <see cref="Bounds.MaxMessagesPerCommand"/> messages.</param>
public sealed record Enqueue(QueueName Queue, ProducerId Producer, long FirstSequence, bool IsAtomic, MessageBlock Messages) : IQueueCommand;

/// <summary>Pull up to <paramref name="MaxMessages"/> messages; answered as soon as there is one, or empty when the wait is over.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">A consumer id of this pull alone; repeating it gives the same answer while its deliveries are held.</param>
/// <param name="MaxMessages">1 to <see cref="Bounds.MaxReceive"/>.</param>
/// <param name="Wait">How long to wait for the first message, in log time; at most <see cref="Bounds.MaxReceiveWait"/>.</param>
/// <param name="Lease">How long the deliveries are leased; zero for the queue's own lease.</param>
public sealed record Receive(QueueName Queue, ConsumerId Consumer, int MaxMessages, TimeSpan Wait, TimeSpan Lease) : IQueueCommand;

/// <summary>
/// Open a streaming subscription, or take it up again after a change of leader: what the consumer holds is then sent again under the same leases.
/// </summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription's id.</param>
/// <param name="Prefetch">The most messages it holds unsettled: its credit, 1 to <see cref="Bounds.MaxPrefetch"/>.</param>
/// <param name="Lease">How long deliveries are leased; zero for the queue's own lease.</param>
/// <param name="StartedThrough">As of <see cref="Settle.StartedThrough"/>: a new leader knows only what the log says.</param>
public sealed record Subscribe(QueueName Queue, ConsumerId Consumer, int Prefetch, TimeSpan Lease, long StartedThrough = 0) : IQueueCommand;

/// <summary>
/// A consumer ends, by its own will or because it is gone: what it holds returns to its places in the order. Deliveries of which it had told that it
/// started them (see <see cref="Settle.StartedThrough"/>) count as deliveries; the rest do not.
/// </summary>
/// <remarks>A pull that is cancelled ends in the same way, whether it still waits or was just answered.</remarks>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription or pull.</param>
/// <param name="StartedThrough">
/// The latest lease that the consumer started to work on; 0 for none, <see cref="long.MaxValue"/> where nobody knows: then everything that
/// it holds counts.
/// </param>
public sealed record Unsubscribe(QueueName Queue, ConsumerId Consumer, long StartedThrough) : IQueueCommand;

/// <summary>What a consumer decides of a message it holds.</summary>
public enum SettlementKind : byte
{
    /// <summary>Done: the message never comes back.</summary>
    Ack = 0,

    /// <summary>Not done: the message returns to its place in the order.</summary>
    Release = 1,

    /// <summary>It cannot be done: the message goes to the dead-letter queue, or away where there is none.</summary>
    Reject = 2,

    /// <summary>Never started: the message returns to its place in the order, and this delivery does not count.</summary>
    Return = 3,
}

/// <summary>One decision of a consumer.</summary>
/// <param name="Kind">What it decides.</param>
/// <param name="Sequence">The message.</param>
/// <param name="Token">The fencing token of the lease under which the consumer holds it.</param>
/// <param name="Reason">Of a reject: why, for people; otherwise empty.</param>
public readonly record struct Settlement(SettlementKind Kind, long Sequence, long Token, string Reason);

/// <summary>Settle messages. Each is judged by itself; those with a stale token are refused by name in the answer.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">Who holds them.</param>
/// <param name="StartedThrough">The latest lease token that this consumer has started to work on; leases start in the order of their tokens. 0 for none.</param>
/// <param name="Settlements">The decisions.</param>
public sealed record Settle(QueueName Queue, ConsumerId Consumer, long StartedThrough, ImmutableArray<Settlement> Settlements) : IQueueCommand;

/// <summary>Extend leases from now on by <paramref name="Lease"/>. A lease that has ended cannot be extended.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">Who holds them.</param>
/// <param name="Tokens">The leases; empty for all that the consumer holds.</param>
/// <param name="Lease">How long from now, at most <see cref="Bounds.MaxLease"/>.</param>
public sealed record Extend(QueueName Queue, ConsumerId Consumer, ImmutableArray<long> Tokens, TimeSpan Lease) : IQueueCommand;

/// <summary>
/// Move messages of a dead-letter queue back to the queue they came from, or to <paramref name="Target"/>, in order. What cannot be moved
/// stays, and is counted in the answer
/// with the reason; the rest is moved.
/// </summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="RequestId">Chosen by the caller; repeating a request moves nothing more and gives the same answer.</param>
/// <param name="Target">Where to; null for each message's source queue.</param>
/// <param name="MaxMessages">How many at most, 1 to <see cref="Bounds.MaxMessagesPerCommand"/>.</param>
public sealed record Redrive(QueueName Queue, Guid RequestId, QueueName? Target, int MaxMessages) : IQueueCommand
{
    /// <summary>The group of <see cref="Target"/>, where that is another than the queue's own; else null. The node that takes the command in writes it.</summary>
    public GroupId? TargetGroup { get; init; }

    /// <summary>Only messages that came from this queue; null for all.</summary>
    public QueueName? Source { get; init; }

    /// <summary>Only messages from this sequence of the dead-letter queue on; 0 for the first.</summary>
    public long FromSequence { get; init; }

    /// <summary>Only messages through this sequence of the dead-letter queue; null for the last.</summary>
    public long? ThroughSequence { get; init; }
}

/// <summary>Something is due by log time (a lease, a time to live, a delay, a pull's wait): the leader proposes this when no other command comes by.</summary>
public sealed record Tick : ICommand
{
    /// <summary>The only one.</summary>
    public static readonly Tick Instance = new();
}
