using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// One pull, as a consumer. What it gets is either handed over to the application or given back, never both: that is decided here, once,
/// whichever
/// of an answer, a cancellation and a disposal comes first.
/// </summary>
internal sealed class Pull(QueueName queue, ConsumerId consumer)
{
    private const int Waiting = 0, HandedOver = 1, Ended = 2;

    private int _state = Waiting;

    public QueueName Queue => queue;

    public ConsumerId Consumer => consumer;

    /// <summary>The latest lease that it got: when they are handed over, all of them are started.</summary>
    public long StartedThrough { get; private set; }

    /// <summary>The leases that the application holds and has not settled. Of the actor alone.</summary>
    public HashSet<long> Unsettled { get; } = [];

    /// <summary>Its end is on its way to the leader. Of the actor alone.</summary>
    public bool IsEnding { get; set; }

    /// <returns>False where it was ended before.</returns>
    public bool TryHandOver(IReadOnlyCollection<Delivery> deliveries)
    {
        StartedThrough = deliveries.Max(delivery => delivery.Token);
        return Interlocked.CompareExchange(ref _state, HandedOver, Waiting) == Waiting;
    }

    /// <returns>False where the application has its messages already.</returns>
    public bool TryEnd() => Interlocked.CompareExchange(ref _state, Ended, Waiting) == Waiting;
}

/// <summary>A decision on a pulled message.</summary>
internal sealed record PullSettlement(Pull Pull, PendingSettlement Settlement);
