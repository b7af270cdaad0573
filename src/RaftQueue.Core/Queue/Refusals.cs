using System.Globalization;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// What the machine says when it refuses: all texts in one place. Each depends only on the command and the state, so it is the same on every replica.
/// </summary>
internal static class Refusals
{
    private const int MaxNamesAtEachEnd = 8;

    public static Refused UnknownQueue(QueueName queue) => new(RefusalCode.UnknownQueue, $"There is no queue '{queue}'; declare it first.");

    public static Refused QueueWasUnknown(QueueName queue) => new(
        RefusalCode.UnknownQueue,
        $"There was no queue '{queue}' when this producer began to send to it, and it was refused for good; "
        + "send again under a new producer id.");

    public static Refused InvalidName(string field, QueueName name) =>
        new(RefusalCode.InvalidName, $"{field} '{name}' is no queue name: 1 to {QueueName.MaxLength} characters of a-z A-Z 0-9 . _ -");

    public static Refused OutOfBounds(string field, long value, long least, long most) =>
        new(RefusalCode.OutOfBounds, most == long.MaxValue
            ? Text($"{field} is {value}; it must be at least {least}.")
            : Text($"{field} is {value}; it must be {least} to {most}."));

    public static Refused OutOfBounds(string field, TimeSpan value, TimeSpan least, TimeSpan most) =>
        new(RefusalCode.OutOfBounds, Text($"{field} is {value}; it must be {least} to {most}."));

    public static Refused DeadLettersToItself(QueueName queue) =>
        new(RefusalCode.ConflictingOptions, $"DeadLetterQueue is '{queue}', the queue itself; name another one, or none.");

    public static Refused DropsWithoutBound() =>
        new(RefusalCode.ConflictingOptions, "Overflow is DropOldest, but MaxMessages and MaxBytes are both 0: set one of them.");

    public static Refused ExpiresBeforeDue(QueueOptions options) =>
        new(RefusalCode.ConflictingOptions, Text($"Delay is {options.Delay}, TimeToLive {options.TimeToLive}: every message would expire before it is due."));

    public static Refused OtherOptions(QueueName queue, QueueOptions existing, QueueOptions wanted) =>
        new(RefusalCode.ConflictingOptions, $"Queue '{queue}' exists with other options. It has: {existing}. You want: {wanted}.");

    public static Refused DeadLetterCycle(QueueName queue, IReadOnlyList<QueueName> path) =>
        new(RefusalCode.DeadLetterCycle, $"DeadLetterQueue of '{queue}' leads back to it: {Shorten(path)}.");

    public static Refused DeadLetterAtRest(QueueState queue, DeadLetterNote note) => new(
        RefusalCode.DeadLetterCycle,
        $"The message went {Shorten([.. note.Via, note.Source, queue.Name])} as a dead letter, "
        + Text($"and '{queue.Options.DeadLetterQueue}' is next: it is moved to no queue twice, and {Bounds.MaxDeadLetterMoves} times at most. It stays; acknowledge it, or redrive it."));

    public static Refused TooManyQueues() =>
        new(RefusalCode.TooMany, Text($"This group has {Bounds.MaxQueues} queues, the most there may be; delete one first."));

    public static Refused TooManyConsumers(QueueName queue) =>
        new(RefusalCode.TooMany, Text($"Queue '{queue}' has {Bounds.MaxConsumersPerQueue} consumers, the most there may be."));

    public static Refused TooLarge(string what, long bytes, long most) =>
        new(RefusalCode.TooLarge, Text($"{what} has {bytes} bytes; it may have {most}."));

    public static Refused Malformed(string problem) => new(RefusalCode.Malformed, $"The messages are malformed: {problem}.");

    public static Refused SequenceGap(long first, long expected) =>
        new(RefusalCode.SequenceGap, Text(
            $"FirstSequence is {first}; this producer's next number is {expected}. An unknown or forgotten producer starts at 1, under a new id."));

    public static Refused SequenceForgotten(long first) =>
        new(RefusalCode.SequenceForgotten, Text(
            $"FirstSequence is {first}, older than the {Bounds.MaxRememberedCommandsPerProducer} remembered commands: whether it was stored cannot be told."));

    public static Refused OtherBoundaries(long first, int count, long last) =>
        new(RefusalCode.SequenceForgotten, Text(
            $"The numbers {first} to {first + count - 1} were partly used, through {last}, by other commands: a retry must repeat its command as it was."));

    // Says nothing of how full the queue is: a retry must be answered as the first time.
    public static Refused QueueFull(QueueName queue, QueueOptions options) =>
        new(RefusalCode.QueueFull, Text(
            $"Queue '{queue}' is full (MaxMessages {options.MaxMessages}, MaxBytes {options.MaxBytes}; 0 means no bound); take messages out of it first."));

    public static Refused StaleLease(long token) =>
        new(RefusalCode.StaleLease, Text(
            $"Token {token} is stale: the lease has ended, or belongs to another consumer or message. The message may be delivered again."));

    public static Refused UnknownConsumer(QueueName queue, ConsumerId consumer) =>
        new(RefusalCode.UnknownConsumer, $"Queue '{queue}' has no consumer {consumer}; it has ended, or was never opened.");

    public static Refused OtherKindOfConsumer(ConsumerId consumer) =>
        new(RefusalCode.ConflictingOptions, $"Consumer {consumer} is in use: a pull and a subscription cannot share an id.");

    public static Refused UnknownSettlement(SettlementKind kind) =>
        new(RefusalCode.Malformed, Text($"Kind is {(int)kind}; it must be 0 (ack), 1 (release) or 2 (reject)."));

    public static Refused QueueDeleted(QueueName queue) => new(RefusalCode.UnknownQueue, $"Queue '{queue}' was deleted.");

    public static Refused RedriveToItself(QueueName queue) =>
        new(RefusalCode.ConflictingOptions, $"Target is '{queue}', the dead-letter queue itself; name another one, or none for where the messages came from.");

    public static Refused TooManyInTransit(QueueName target) =>
        new(RefusalCode.Busy, Text(
            $"{Bounds.MaxMessagesInTransit} messages of this group wait to reach queues of other groups, the most that may; '{target}' is one. See to that group's leader, and to that queue's bound."));

    public static Refused NotEnqueuedYet(QueueName queue, long sequence, long next) =>
        new(RefusalCode.OutOfBounds, Text($"Sequence is {sequence}; queue '{queue}' has given out 1 to {next - 1} so far."));

    public static Refused NotInMemory(long segment) =>
        new(RefusalCode.Busy, Text($"Segment {segment} is being read from disk; try again shortly."));

    public static Refused NotACommand(object command) =>
        new(RefusalCode.Malformed, $"{command.GetType().Name} is nothing that a queue machine of version {QueueMachine.Version} knows.");

    // A cycle may lead through all queues of a group; its two ends are enough to find it.
    private static string Shorten(IReadOnlyList<QueueName> path) => path.Count <= 2 * MaxNamesAtEachEnd
        ? string.Join(" -> ", path)
        : Text($"{string.Join(" -> ", path.Take(MaxNamesAtEachEnd))} -> ({path.Count - (2 * MaxNamesAtEachEnd)} more) -> {string.Join(" -> ", path.TakeLast(MaxNamesAtEachEnd))}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
