using RaftQueue.Contracts;

namespace RaftQueue.Client.Producing;

/// <summary>How a producer sends.</summary>
public sealed record ProducerOptions
{
    /// <summary>The most messages on their way to confirmation. Sends beyond it wait for room. Default 1,024.</summary>
    public int MaxInFlight { get; init; } = 1024;

    /// <summary>The most commands on their way at once. Default 4; at most 32, half of what the broker remembers of a producer.</summary>
    public int MaxFramesInFlight { get; init; } = 4;

    /// <summary>About how many bytes of messages are put together into one command. Default 64 KiB.</summary>
    public int MaxFrameBytes { get; init; } = Bounds.MaxChunkBytes;

    /// <summary>How long a send waits for its confirmation; null for the client's request timeout.</summary>
    public TimeSpan? SendTimeout { get; init; }

    internal void Check()
    {
        Range.Check(nameof(MaxInFlight), MaxInFlight, 1, 1_000_000);
        Range.Check(nameof(MaxFramesInFlight), MaxFramesInFlight, 1, Bounds.MaxRememberedCommandsPerProducer / 2);
        Range.Check(nameof(MaxFrameBytes), MaxFrameBytes, 1, Bounds.MaxCommandBytes / 2);
        if (SendTimeout is { } timeout)
            Range.CheckPositive(nameof(SendTimeout), timeout);
    }
}
