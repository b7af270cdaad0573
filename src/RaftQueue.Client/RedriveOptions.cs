using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client;

/// <summary>Which messages of a dead-letter queue are redriven, and where to.</summary>
public sealed record RedriveOptions
{
    /// <summary>Where to; null for the queue that each message came from.</summary>
    public string? Target { get; init; }

    /// <summary>Only messages that came from this queue; null for all.</summary>
    public string? Source { get; init; }

    /// <summary>Only messages from this sequence of the dead-letter queue on, as a peek shows it.</summary>
    public long FromSequence { get; init; }

    /// <summary>Only messages through this sequence; null for the last. With <see cref="FromSequence"/> the same, one message.</summary>
    public long? ThroughSequence { get; init; }

    /// <summary>How many are moved at most. Default 1,024.</summary>
    public int MaxMessages { get; init; } = Bounds.MaxMessagesPerCommand;

    internal void Check()
    {
        Range.Check(nameof(FromSequence), FromSequence, 0, long.MaxValue);
        Range.Check(nameof(ThroughSequence), ThroughSequence ?? long.MaxValue, FromSequence, long.MaxValue);
        Range.Check(nameof(MaxMessages), MaxMessages, 1, int.MaxValue);
    }

    internal Redrive CommandFor(QueueName queue, long from, int atMost) =>
        new(queue, Guid.NewGuid(), Target is null ? null : Names.Queue(Target), Math.Min(atMost, Bounds.MaxMessagesPerCommand))
        {
            Source = Source is null ? null : Names.Queue(Source),
            FromSequence = from,
            ThroughSequence = ThroughSequence,
        };
}

/// <summary>What a redrive did.</summary>
/// <param name="Moved">How many messages were moved.</param>
/// <param name="Skipped">What was looked at and stays in the dead-letter queue, by reason and queue; empty where everything was
/// moved.</param>
public sealed record RedriveResult(int Moved, IReadOnlyList<RedriveSkipped> Skipped)
{
    internal static RedriveResult Of(int moved, IEnumerable<RedriveSkipped> skipped) => new(
        moved,
        [
            .. skipped.GroupBy(one => (one.Obstacle, one.Queue))
                .Select(same => same.First() with { Messages = same.Sum(one => one.Messages) }),
        ]);
}
