using RaftQueue.Contracts;

namespace RaftQueue.Client.Consuming;

/// <summary>How a consumer receives.</summary>
public sealed record ConsumerOptions
{
    /// <summary>
    /// The most messages that it holds without having settled them. Default 256, at most <see cref="Bounds.MaxPrefetch"/>.
    /// </summary>
    public int Prefetch { get; init; } = 256;

    /// <summary>How long deliveries are leased; null for the queue's own lease.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>Whether leases are extended at half their time while the consumer is alive. Default true.</summary>
    public bool AutoExtend { get; init; } = true;

    /// <summary>
    /// How long a lease is extended by itself at most, counted from the delivery: a handler that hangs must not keep its message for ever.
    /// Default 10 minutes.
    /// </summary>
    public TimeSpan MaxAutoExtension { get; init; } = TimeSpan.FromMinutes(10);

    internal void Check()
    {
        Range.Check(nameof(Prefetch), Prefetch, 1, Bounds.MaxPrefetch);
        if (Lease is { } lease)
            Range.Check(nameof(Lease), lease, Bounds.MinLease, Bounds.MaxLease);
        Range.Check(nameof(MaxAutoExtension), MaxAutoExtension, TimeSpan.Zero, TimeSpan.FromDays(1));
    }
}
