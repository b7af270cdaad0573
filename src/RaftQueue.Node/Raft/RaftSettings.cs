using RaftQueue.Contracts;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Raft;

/// <summary>How the Raft groups of a node run (<c>raftqueue.raft</c>).</summary>
/// <param name="MinElectionTimeout">The shortest election timeout.</param>
/// <param name="MaxElectionTimeout">The longest.</param>
/// <param name="LostLeaderTimeout">The longest wait before campaigning when the connection to the leader was closed.</param>
/// <param name="HeartbeatInterval">How often a leader speaks to each follower at least.</param>
/// <param name="MaxBatchBytes">About the most bytes that one write takes in.</param>
/// <param name="MaxPendingBytes">The most bytes of commands that wait for their write; beyond it clients are told that the node is busy.</param>
/// <param name="KeptLogBytes">About how much of the log stays behind a snapshot, for followers that are a little behind.</param>
/// <param name="CheckpointBytes">How much is written to the journal before a checkpoint takes its place.</param>
/// <param name="StalledAfter">What should move and has not for longer than this is a matter of health (<c>raftqueue.health</c>).</param>
/// <param name="MaxClockOffset">A larger difference between log time and the node's wall clock is a matter of health.</param>
/// <param name="Rules">What the rules go by.</param>
internal sealed record RaftSettings(
    TimeSpan MinElectionTimeout,
    TimeSpan MaxElectionTimeout,
    TimeSpan LostLeaderTimeout,
    TimeSpan HeartbeatInterval,
    long MaxBatchBytes,
    long MaxPendingBytes,
    long KeptLogBytes,
    long CheckpointBytes,
    TimeSpan StalledAfter,
    TimeSpan MaxClockOffset,
    RaftOptions Rules)
{
    // A checkpoint of the journal is one row, and it holds this much of the log and what was appended since the snapshot. A row of SQLite,
    // or a value of PostgreSQL, is
    // less than 1 GB.
    private const long MaxKeptLogBytes = 256L * 1024 * 1024;

    public static RaftSettings Read(SettingsReader keys, IReadOnlyList<NodeId> firstMembers)
    {
        var min = keys.Duration("raft.election-timeout.min");
        var max = keys.Duration("raft.election-timeout.max");
        var heartbeat = keys.Duration("raft.heartbeat-interval");
        if (max <= min)
            throw keys.Refuse("raft.election-timeout.max", $"must be longer than the minimum of {min.TotalMilliseconds} ms, or votes split for ever.");
        if (heartbeat * 2 > min)
            throw keys.Refuse("raft.heartbeat-interval", $"must be at most half of the shortest election timeout of {min.TotalMilliseconds} ms.");
        return new RaftSettings(
            min,
            max,
            keys.Duration("raft.lost-leader-timeout"),
            heartbeat,
            keys.Bytes("raft.max-batch", 64 * 1024),
            keys.Bytes("raft.max-pending", Bounds.MaxCommandBytes),
            keys.Bytes("raft.kept-log", 0, MaxKeptLogBytes),
            keys.Bytes("raft.journal-checkpoint", 0),
            keys.Duration("health.stalled-after"),
            keys.Duration("health.max-clock-offset"),
            new RaftOptions
            {
                MinElectionTimeout = min,
                MaxBytesPerAppend = Bounds.MaxChunkBytes,
                MaxAppendsInFlight = keys.Whole("raft.max-appends-in-flight", 1, 1024),
                MaxUncommittedBytes = keys.Bytes("raft.max-uncommitted", Bounds.MaxCommandBytes),
                TransferTimeout = keys.Duration("raft.transfer-timeout"),
                MaxClockSlew = keys.Whole("raft.max-clock-slew", 1, 50) / 100.0,
                MaxClockStep = keys.DurationOrZero("raft.max-clock-step"),
                PromotionLag = keys.Whole("raft.promotion-lag", 0, int.MaxValue),
                FirstMembers = [.. firstMembers],
                MachineVersion = QueueMachine.Version,
            });
    }
}
