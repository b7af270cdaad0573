using System.Globalization;

namespace RaftQueue.Contracts.Queue;

/// <summary>
/// Which delay and which time to live a message may have: the same as those of a queue. A client checks what the message itself says
/// before it sends it; the queue machine
/// checks it together with the options of the queue.
/// </summary>
public static class MessageTimes
{
    /// <summary>What is wrong with the times of a message; null for nothing.</summary>
    /// <param name="delay">The message's own delay; null for that of the queue.</param>
    /// <param name="timeToLive">The message's own time to live; null for that of the queue.</param>
    /// <param name="queue">The options of the queue; null where they are not known.</param>
    public static Refused? Check(TimeSpan? delay, TimeSpan? timeToLive, QueueOptions? queue = null)
    {
        if (delay is null && timeToLive is null)
            return null; // those of the queue were checked when it was declared
        if (delay is { } held && held != TimeSpan.Zero && !IsWithin(held, Bounds.MaxDelay))
            return OutOfBounds("Delay", held, Bounds.MaxDelay, "zero, or ");
        if (timeToLive is { } kept && !IsWithin(kept, Bounds.MaxTimeToLive))
            return OutOfBounds("TimeToLive", kept, Bounds.MaxTimeToLive, "null (that of the queue), or ");
        var (until, over) = (delay ?? queue?.Delay ?? TimeSpan.Zero, timeToLive ?? queue?.TimeToLive);
        return until > TimeSpan.Zero && until >= over ? ExpiresBeforeDue(until, delay is null, over.Value, timeToLive is null) : null;
    }

    private static bool IsWithin(TimeSpan value, TimeSpan most) => value >= Bounds.MinDuration && value <= most;

    private static Refused OutOfBounds(string field, TimeSpan value, TimeSpan most, string also) =>
        new(RefusalCode.OutOfBounds, Text($"{field} is {value}; it must be {also}{Bounds.MinDuration} to {most}."));

    private static Refused ExpiresBeforeDue(TimeSpan delay, bool isQueuesDelay, TimeSpan timeToLive, bool isQueuesTimeToLive) => new(
        RefusalCode.ConflictingOptions,
        Text($"Delay is {delay}{Whose(isQueuesDelay)}, TimeToLive is {timeToLive}{Whose(isQueuesTimeToLive)}: ")
        + "the message would expire before it is due. The delay must be shorter than the time to live.");

    private static string Whose(bool isQueues) => isQueues ? " (the queue's)" : "";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
