using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Which options a queue may have. What holds for its delay and time to live holds for those of a message as well:
/// <see cref="MessageTimes"/>.
/// </summary>
internal static class OptionRules
{
    /// <summary>What is wrong with the options; null for nothing.</summary>
    public static Refused? Check(QueueName queue, QueueOptions options) =>
        CheckNumbers(options) ?? CheckTimes(options) ?? CheckTogether(queue, options);

    /// <summary>What is wrong with a lease time that a consumer names; null for nothing. Zero stands for the queue's own.</summary>
    public static Refused? CheckLease(TimeSpan lease) =>
        lease == TimeSpan.Zero ? null : Within(nameof(QueueOptions.Lease), lease, Bounds.MinLease, Bounds.MaxLease);

    public static Refused? Within(string field, TimeSpan value, TimeSpan least, TimeSpan most) =>
        value >= least && value <= most ? null : Refusals.OutOfBounds(field, value, least, most);

    public static Refused? Within(string field, long value, long least, long most) =>
        value >= least && value <= most ? null : Refusals.OutOfBounds(field, value, least, most);

    public static Refused? ZeroOrWithin(string field, TimeSpan value, TimeSpan most) =>
        value == TimeSpan.Zero ? null : Within(field, value, Bounds.MinDuration, most);

    private static Refused? CheckNumbers(QueueOptions options) =>
        Within(nameof(options.MaxMessages), options.MaxMessages, 0, long.MaxValue)
        ?? Within(nameof(options.MaxBytes), options.MaxBytes, 0, long.MaxValue)
        ?? Within(nameof(options.DeliveryLimit), options.DeliveryLimit, 0, int.MaxValue)
        ?? Within(nameof(options.Overflow), (long)options.Overflow, 0, (long)OverflowPolicy.DropOldest);

    private static Refused? CheckTimes(QueueOptions options) =>
        (options.TimeToLive is { } kept ? Within(nameof(options.TimeToLive), kept, Bounds.MinDuration, Bounds.MaxTimeToLive) : null)
        ?? ZeroOrWithin(nameof(options.Delay), options.Delay, Bounds.MaxDelay)
        ?? Within(nameof(options.Lease), options.Lease, Bounds.MinLease, Bounds.MaxLease);

    private static Refused? CheckTogether(QueueName queue, QueueOptions options)
    {
        if (options.DeadLetterQueue is { } deadLetters && !QueueName.IsValid(deadLetters.Value))
            return Refusals.InvalidName(nameof(options.DeadLetterQueue), deadLetters);
        if (options.DeadLetterQueue == queue)
            return Refusals.DeadLettersToItself(queue);
        if (options is { Overflow: OverflowPolicy.DropOldest, MaxMessages: 0, MaxBytes: 0 })
            return Refusals.DropsWithoutBound();
        if (options.Delay >= options.TimeToLive)
            return Refusals.ExpiresBeforeDue(options);
        return null;
    }
}
