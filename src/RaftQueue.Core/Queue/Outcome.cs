using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>What applying one entry gave. Every replica gets the same; only the leader acts on it.</summary>
/// <param name="Reply">The answer to whoever sent the command; null while a pull waits (its answer comes later as <see cref="QueueEffect.Answer"/>).</param>
/// <param name="Effects">In order.</param>
public readonly record struct Outcome(IReply? Reply, IReadOnlyList<QueueEffect> Effects);

/// <summary>What the leader is to do because an entry was applied.</summary>
public abstract record QueueEffect
{
    private QueueEffect()
    {
    }

    /// <summary>These messages are now leased to a subscription: send them.</summary>
    public sealed record Push(QueueName Queue, ConsumerId Consumer, IReadOnlyList<Lease> Leases) : QueueEffect;

    /// <summary>A pull is over: answer it with what it got, possibly nothing.</summary>
    public sealed record Answer(QueueName Queue, ConsumerId Consumer, IReadOnlyList<Lease> Leases) : QueueEffect;

    /// <summary>Messages wait in the outbox for this queue of another group: send them (<see cref="QueueMachine.Pack"/>) until they are confirmed.</summary>
    public sealed record Carry(QueueName Target) : QueueEffect;

    /// <summary>A subscription or a waiting pull has ended without its own doing.</summary>
    public sealed record EndSubscription(QueueName Queue, ConsumerId Consumer, Refused Reason) : QueueEffect;
}

/// <summary>A message in the hands of a consumer: a small reference; its bytes are fetched from the segments when it is sent.</summary>
/// <param name="Sequence">The message.</param>
/// <param name="Token">The fencing token.</param>
/// <param name="DeliveryCount">This delivery's number, from 1.</param>
/// <param name="EnqueuedAt">When it was enqueued.</param>
/// <param name="Until">When the lease ends.</param>
/// <param name="Body">Where its bytes lie.</param>
public readonly record struct Lease(long Sequence, long Token, int DeliveryCount, LogTime EnqueuedAt, LogTime Until, BodyRef Body)
{
    /// <summary>Of a dead letter: which queue it came from, and why.</summary>
    public DeadLetter? DeadLetter { get; init; }
}

/// <summary>Where the bytes of a message lie.</summary>
/// <param name="Segment">The number of the segment.</param>
/// <param name="Offset">Bytes into it.</param>
/// <param name="Length">How many bytes.</param>
public readonly record struct BodyRef(long Segment, int Offset, int Length);
