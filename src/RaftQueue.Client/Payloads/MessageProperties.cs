namespace RaftQueue.Client.Payloads;

/// <summary>What a sender says of a message beside its payload. All of it is optional.</summary>
public sealed record MessageProperties
{
    /// <summary>Nothing said.</summary>
    public static readonly MessageProperties None = new();

    /// <summary>The application's own id of the message. The broker does not look at it; retries are told apart without it.</summary>
    public string? MessageId { get; init; }

    /// <summary>What the message belongs to, such as the id of a request that it answers.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>What the payload is. Where a sender leaves it out, the serializer's own is written.</summary>
    public string? ContentType { get; init; }

    /// <summary>The application's own names and values.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Messages of one group are delivered one at a time, in order; null for no group. At most 128 bytes of UTF-8.</summary>
    public string? GroupKey { get; init; }

    /// <summary>
    /// How long the message is held back before it can be delivered; null for the queue's own delay, zero for not at all. From a
    /// millisecond to 30 days, and shorter than
    /// the time to live.
    /// </summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>
    /// How long the message is kept; null for the queue's own time to live. From a millisecond to 365 days: zero is refused.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }
}
