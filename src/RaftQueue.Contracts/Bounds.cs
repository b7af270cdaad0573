namespace RaftQueue.Contracts;

/// <summary>
/// The bounds of the protocol. They are the same on every node, because what the queue machine accepts must not depend on where it runs.
/// What a user may set per queue lies in <see cref="Queue.QueueOptions"/>.
/// </summary>
public static class Bounds
{
    /// <summary>The largest message, body and properties together, in bytes.</summary>
    public const int MaxMessageBytes = 256 * 1024;

    /// <summary>The most messages in one enqueue command.</summary>
    public const int MaxMessagesPerCommand = 1_024;

    /// <summary>The largest command, in bytes; it must pass a remote frame with room to spare.</summary>
    public const int MaxCommandBytes = 512 * 1024;

    /// <summary>
    /// The smallest frame limit (<c>maximum-frame-size</c>) that a node or a client may be configured with. It holds the largest message
    /// with what Akka puts around it.
    /// </summary>
    public const int MinFrameBytes = MaxCommandBytes + (64 * 1024);

    /// <summary>The largest message that a node or a client sends, in bytes. Every message with a list in it stays below.</summary>
    public const int MaxWireBytes = MinFrameBytes - (4 * 1024);

    /// <summary>About the most bytes of one page of a list, such as <see cref="Queue.QueueList"/>.</summary>
    public const int MaxPageBytes = 256 * 1024;

    /// <summary>The most decisions in one settle command, and the most leases that one extend command names.</summary>
    public const int MaxSettlementsPerCommand = 1_024;

    /// <summary>The most subscriptions in one keep-alive message.</summary>
    public const int MaxSubscriptionsPerKeepAlive = 1_024;

    /// <summary>The most members of one group.</summary>
    public const int MaxMembers = 128;

    /// <summary>The longest address of a node, in characters.</summary>
    public const int MaxAddressLength = 512;

    /// <summary>The most messages a consumer may hold unsettled.</summary>
    public const int MaxPrefetch = 4_096;

    /// <summary>The most messages that one pull may ask for.</summary>
    public const int MaxReceive = 1_024;

    /// <summary>
    /// A pull takes messages until it has this many bytes; the last may go beyond. Together they stay under <see cref="MaxCommandBytes"/>, and so pass a remote frame.
    /// </summary>
    public const int MaxReceiveBytes = 256 * 1024;

    /// <summary>A subscription takes messages until it holds this many bytes, whatever its prefetch; the last may go beyond.</summary>
    public const int MaxHeldBytes = 16 * 1024 * 1024;

    /// <summary>The longest wait of a pull.</summary>
    public static readonly TimeSpan MaxReceiveWait = TimeSpan.FromMinutes(1);

    /// <summary>The shortest lease.</summary>
    public static readonly TimeSpan MinLease = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest lease.</summary>
    public static readonly TimeSpan MaxLease = TimeSpan.FromHours(12);

    /// <summary>
    /// The shortest delay, time to live or wait that is not none. Log time counts whole milliseconds: a shorter value is refused, and
    /// fractions of a millisecond above it
    /// are rounded up, so that no value becomes none.
    /// </summary>
    public static readonly TimeSpan MinDuration = TimeSpan.FromMilliseconds(1);

    /// <summary>The furthest a message may be delayed.</summary>
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(30);

    /// <summary>The longest time to live.</summary>
    public static readonly TimeSpan MaxTimeToLive = TimeSpan.FromDays(365);

    /// <summary>The longest key of a message group, in UTF-8 bytes.</summary>
    public const int MaxGroupKeyBytes = 128;

    /// <summary>The longest reason of a reject, in characters.</summary>
    public const int MaxReasonLength = 256;

    /// <summary>The most queues in one group.</summary>
    public const int MaxQueues = 10_000;

    /// <summary>The most subscriptions and waiting pulls of one queue.</summary>
    public const int MaxConsumersPerQueue = 10_000;

    /// <summary>The most producers a group remembers; beyond it the one that was silent for longest is forgotten.</summary>
    public const int MaxProducers = 100_000;

    /// <summary>
    /// How long, in log time, a silent producer is remembered. After that it goes on from 1 only, as a new one: any later number is refused as a gap, and so a retry of
    /// a later command is never stored twice. Only a retry of the very first command of a forgotten producer cannot be told from a new one's and is stored anew.
    /// </summary>
    public static readonly TimeSpan ProducerMemory = TimeSpan.FromDays(1);

    /// <summary>
    /// How many producers a group remembers that were refused because their queue did not exist: a late attempt of what they sent is
    /// refused too, when the queue exists.
    /// </summary>
    public const int MaxRefusedProducers = 1_024;

    /// <summary>How many of its latest commands a producer can retry: more than any client keeps in flight.</summary>
    public const int MaxRememberedCommandsPerProducer = 64;

    /// <summary>
    /// How often a dead letter is moved to a further dead-letter queue at most, until it is redriven; after that it stays where it is.
    /// </summary>
    public const int MaxDeadLetterMoves = 16;

    /// <summary>The most messages of a dead-letter queue that one redrive looks at; a next one goes on behind them.</summary>
    public const int MaxRedriveScan = 4 * MaxMessagesPerCommand;

    /// <summary>The most reasons that one redrive names for what it did not move; further ones are counted together.</summary>
    public const int MaxRedriveObstacles = 8;

    /// <summary>How many of its latest redrives a dead-letter queue remembers, to move nothing twice when one is repeated.</summary>
    public const int MaxRememberedRedrives = 256;

    /// <summary>
    /// The most messages of a group that may be on their way to queues of other groups. Beyond it nothing is dead-lettered there: a reject is refused, and what ran out of
    /// deliveries or time stays where it is until there is room.
    /// </summary>
    public const int MaxMessagesInTransit = 100_000;

    /// <summary>The most events of one message that an explanation names; it has <see cref="MaxPageBytes"/> at most.</summary>
    public const int MaxMessageEvents = 1_000;

    /// <summary>
    /// The largest piece of a snapshot, in bytes. Most have about 1 MiB; the manifest and what is small of a machine grow with the backlog.
    /// </summary>
    public const int MaxPieceBytes = 256 * 1024 * 1024;

    /// <summary>
    /// The largest part of a piece of a snapshot on its way to a follower, and about the most that one append carries, in bytes.
    /// </summary>
    public const int MaxChunkBytes = 64 * 1024;
}
