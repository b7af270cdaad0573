using System.Collections.Immutable;

namespace RaftQueue.Contracts.Queue;

/// <summary>The answer of the queue machine to a command or a query.</summary>
public interface IReply;

/// <summary>Why something was refused: stable names that programs may act on.</summary>
public enum RefusalCode
{
    /// <summary>No reason was named: a version mismatch.</summary>
    Unknown = 0,

    /// <summary>There is no queue of that name.</summary>
    UnknownQueue = 1,

    /// <summary>A name is malformed.</summary>
    InvalidName = 2,

    /// <summary>A value lies outside its bound.</summary>
    OutOfBounds = 3,

    /// <summary>Options contradict each other, or those of the existing queue.</summary>
    ConflictingOptions = 4,

    /// <summary>The queue is at its bound.</summary>
    QueueFull = 5,

    /// <summary>The message or the command is too large.</summary>
    TooLarge = 6,

    /// <summary>The lease has ended, or never was: the token is stale.</summary>
    StaleLease = 7,

    /// <summary>The producer skipped a number.</summary>
    SequenceGap = 8,

    /// <summary>The producer's number is so old that its answer is forgotten; whether it was stored cannot be told.</summary>
    SequenceForgotten = 9,

    /// <summary>There is no such consumer.</summary>
    UnknownConsumer = 10,

    /// <summary>The bytes are no command.</summary>
    Malformed = 11,

    /// <summary>The node has taken in as much as it can; try again shortly.</summary>
    Busy = 12,

    /// <summary>Dead-letter queues would form a circle.</summary>
    DeadLetterCycle = 13,

    /// <summary>There are as many queues, consumers or producers as there may be.</summary>
    TooMany = 14,

    /// <summary>This node does not know a majority of its group and cannot confirm.</summary>
    NoQuorum = 15,

    /// <summary>A change of members or leader cannot be done, or not now.</summary>
    MembershipRefused = 16,
}

/// <summary>A refusal: nothing was changed, unless <see cref="OutcomeUnknown"/>.</summary>
/// <param name="Code">Why.</param>
/// <param name="Message">What was wrong, where, and what to do; for people. Names the field, the value and the bound where there are such.</param>
public sealed record Refused(RefusalCode Code, string Message) : IReply
{
    /// <summary>The request was begun before it was refused: it may have been carried out, or may yet be.</summary>
    public bool OutcomeUnknown { get; init; }
}

/// <summary>The queue exists.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="IsNew">Whether this command made it.</param>
public sealed record Declared(QueueName Queue, bool IsNew) : IReply;

/// <summary>The queue is gone.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Messages">How many messages went with it.</param>
public sealed record Deleted(QueueName Queue, long Messages) : IReply;

/// <summary>The messages that nobody held are gone.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Messages">How many.</param>
public sealed record Purged(QueueName Queue, long Messages) : IReply;

/// <summary>
/// An enqueue command was carried out, and the numbers of its producer are used, also those of messages that were not stored. A retry is
/// answered the same, however much
/// room there is by then.
/// </summary>
/// <param name="Queue">The queue.</param>
/// <param name="FirstSequence">The producer's number of the first message of the command.</param>
/// <param name="FirstMessage">The queue's sequence of the first stored message; the others follow without gap.</param>
/// <param name="Count">
/// How many were stored: from the first on, and without those in <see cref="RefusedMessages"/>. Fewer than were sent only where the queue
/// became full; of an atomic command
/// none or all.
/// </param>
/// <param name="Refusal">Why the rest was refused; null where there is none.</param>
public sealed record Enqueued(QueueName Queue, long FirstSequence, long FirstMessage, int Count, Refused? Refusal) : IReply
{
    /// <summary>
    /// Messages that were refused each for a reason of its own, such as a delay that its time to live does not cover; in the order of the
    /// command.
    /// </summary>
    public ImmutableArray<MessageRefused> RefusedMessages { get; init; } = [];
}

/// <summary>A message of an enqueue command that was not stored for a reason of its own.</summary>
/// <param name="Position">Its place in the command, from 0.</param>
/// <param name="Refusal">Why.</param>
public sealed record MessageRefused(int Position, Refused Refusal);

/// <summary>The subscription is open; deliveries follow.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription.</param>
public sealed record Subscribed(QueueName Queue, ConsumerId Consumer) : IReply;

/// <summary>The subscription has ended.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription.</param>
/// <param name="Returned">How many messages went back.</param>
public sealed record Unsubscribed(QueueName Queue, ConsumerId Consumer, int Returned) : IReply;

/// <summary>The answer to a pull.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The id of the pull.</param>
/// <param name="Deliveries">What it got; none when the wait was over.</param>
public sealed record Received(QueueName Queue, ConsumerId Consumer, DeliveryBlock Deliveries) : IReply
{
    /// <summary>Of those that are dead letters: where they came from and why, by sequence.</summary>
    public ImmutableArray<DeadLetter> DeadLetters { get; init; } = [];
}

/// <summary>A settlement that did not count.</summary>
/// <param name="Sequence">The message.</param>
/// <param name="Token">The token that was shown.</param>
/// <param name="Refusal">Why.</param>
public sealed record SettlementRefused(long Sequence, long Token, Refused Refusal);

/// <summary>The settlements were judged; all but the refused ones are final.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Refused">Those that did not count.</param>
public sealed record Settled(QueueName Queue, ImmutableArray<SettlementRefused> Refused) : IReply;

/// <summary>The leases run until then.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Until">When they end.</param>
/// <param name="Refused">Those that had ended already.</param>
public sealed record Extended(QueueName Queue, LogTime Until, ImmutableArray<SettlementRefused> Refused) : IReply;

/// <summary>Messages were moved out of a dead-letter queue.</summary>
/// <param name="Queue">The dead-letter queue.</param>
/// <param name="Moved">How many.</param>
public sealed record Redriven(QueueName Queue, int Moved) : IReply
{
    /// <summary>What was looked at and not moved, by reason and queue; at most <see cref="Bounds.MaxRedriveObstacles"/>.</summary>
    public ImmutableArray<RedriveSkipped> Skipped { get; init; } = [];

    /// <summary>Where a next redrive goes on; 0 where everything that was asked for was looked at.</summary>
    public long NextSequence { get; init; }
}

/// <summary>Why a message of a dead-letter queue was not redriven.</summary>
public enum RedriveObstacle : byte
{
    /// <summary>Several reasons that have no entry of their own.</summary>
    Other = 0,

    /// <summary>The queue that it came from does not exist: declare it, or name a target.</summary>
    SourceGone = 1,

    /// <summary>It was sent to the dead-letter queue directly and has no queue to go back to: name a target.</summary>
    NoSource = 2,

    /// <summary>The queue that it would go to has no room for it, or for one before it.</summary>
    QueueFull = 3,

    /// <summary>Too many messages of the group wait to reach queues of other groups.</summary>
    TooManyInTransit = 4,

    /// <summary>A consumer of the dead-letter queue holds it.</summary>
    Held = 5,

    /// <summary>It is delayed and not due yet.</summary>
    NotDue = 6,
}

/// <summary>Messages that were not redriven for one reason.</summary>
/// <param name="Obstacle">Why.</param>
/// <param name="Queue">The queue that they would have gone to; null where there is none.</param>
/// <param name="Messages">How many.</param>
/// <param name="FirstSequence">The first of them, by its sequence in the dead-letter queue.</param>
public sealed record RedriveSkipped(RedriveObstacle Obstacle, QueueName? Queue, int Messages, long FirstSequence);

/// <summary>Time was moved on.</summary>
public sealed record Ticked : IReply
{
    /// <summary>The only one.</summary>
    public static readonly Ticked Instance = new();
}
