using RaftQueue.Contracts;

namespace RaftQueue.Simulation.Checkers;

/// <summary>One message, as a <see cref="QueueBook"/> knows it.</summary>
internal sealed class StoredMessage(long sequence, ulong content)
{
    public long Sequence { get; } = sequence;

    public ulong Content { get; } = content;

    /// <summary>Its group; null for none.</summary>
    public string? Group { get; init; }

    /// <summary>When it may be delivered at the earliest; null for at once.</summary>
    public LogTime? Due { get; init; }

    /// <summary>When it expires; null for never.</summary>
    public LogTime? Expires { get; init; }

    public long Token { get; set; }

    public ConsumerId Holder { get; set; }

    public LogTime Until { get; set; }

    public bool WasDelivered { get; set; }

    /// <summary>The delivery counts with which consumers received it, by token.</summary>
    public SortedList<long, int> HandOvers { get; } = [];

    public bool IsAcknowledged { get; set; }

    /// <summary>A consumer said that it cannot be handled.</summary>
    public bool IsRejected { get; set; }

    /// <summary>It left for the dead-letter queue.</summary>
    public bool IsDead { get; set; }

    /// <summary>Nothing more may happen to it here.</summary>
    public bool IsGone => IsAcknowledged || IsDead;
}
