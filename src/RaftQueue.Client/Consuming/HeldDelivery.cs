using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>A delivery that this client holds.</summary>
internal sealed class HeldDelivery(Delivery delivery, TimeSpan since)
{
    private volatile bool _isGone;

    public Delivery Delivery => delivery;

    /// <summary>When it came, by the monotonic clock.</summary>
    public TimeSpan Since => since;

    /// <summary>
    /// When its lease ends as far as can be told here, by the monotonic clock; null while the length of leases is not known.
    /// </summary>
    public TimeSpan? Until { get; set; }

    /// <summary>Its lease has ended: whoever reads it off the buffer passes over it.</summary>
    public bool IsGone => _isGone;

    public void Drop() => _isGone = true;
}
