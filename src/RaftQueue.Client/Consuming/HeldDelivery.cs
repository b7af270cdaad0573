using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>A delivery that this client holds.</summary>
internal sealed class HeldDelivery(Delivery delivery, TimeSpan since)
{
    private const int Waiting = 0, Started = 1, Dropped = 2;

    private int _state = Waiting;

    public Delivery Delivery => delivery;

    /// <summary>When it came, by the monotonic clock.</summary>
    public TimeSpan Since => since;

    /// <summary>
    /// When its lease ends as far as can be told here, by the monotonic clock; null while the length of leases is not known.
    /// </summary>
    public TimeSpan? Until { get; set; }

    /// <summary>Hands it over to the application.</summary>
    /// <returns>False where it was dropped before: whoever reads it off the buffer passes over it.</returns>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

    /// <summary>Keeps it from the application: its lease has ended, or is given back.</summary>
    /// <returns>False where the application has it already.</returns>
    public bool TryDrop() => Interlocked.CompareExchange(ref _state, Dropped, Waiting) == Waiting;
}
