namespace RaftQueue.Contracts.Queue;

/// <summary>What happens to an enqueue when the queue is at its bound.</summary>
public enum OverflowPolicy : byte
{
    /// <summary>The new message is refused by name (<see cref="RefusalCode.QueueFull"/>).</summary>
    RejectNew = 0,

    /// <summary>The oldest message that nobody holds makes room: it goes to the dead-letter queue, or away where there is none.</summary>
    DropOldest = 1,
}

/// <summary>How a queue behaves. Fixed when it is declared; declaring it again with other options is refused.</summary>
public sealed record QueueOptions
{
    /// <summary>The options of a queue that was declared without any.</summary>
    public static readonly QueueOptions Default = new();

    /// <summary>The most messages in the queue, held ones included; 0 for no bound of its own.</summary>
    public long MaxMessages { get; init; }

    /// <summary>The most bytes in the queue, held messages included; 0 for no bound of its own.</summary>
    public long MaxBytes { get; init; }

    /// <summary>What happens at <see cref="MaxMessages"/> or <see cref="MaxBytes"/>.</summary>
    public OverflowPolicy Overflow { get; init; }

    /// <summary>How often a message is delivered at most; after that it goes to the dead-letter queue, or away where there is none. 0 for no limit.</summary>
    public int DeliveryLimit { get; init; }

    /// <summary>Where rejected, expired, undeliverable and dropped messages go; null to let them go.</summary>
    public QueueName? DeadLetterQueue { get; init; }

    /// <summary>
    /// How long a message without its own time to live is kept; null for ever. From <see cref="Bounds.MinDuration"/> to
    /// <see cref="Bounds.MaxTimeToLive"/>: zero is refused,
    /// here as on a message.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>
    /// How long a message is held back before it can be delivered, where it does not say so itself; zero for not at all. Shorter than
    /// <see cref="TimeToLive"/>.
    /// </summary>
    public TimeSpan Delay { get; init; }

    /// <summary>How long a delivery is leased where the consumer does not say so itself.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Only one consumer receives at a time, the one that subscribed first; when it goes, the next takes over.</summary>
    public bool SingleActiveConsumer { get; init; }
}
