using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Node.Queue;

/// <summary>How the queue machine is hosted (<c>raftqueue.queue</c>).</summary>
/// <param name="SessionTimeout">A subscription that was not heard of for this long is taken for gone.</param>
/// <param name="DisconnectGrace">The same, once its connection was closed.</param>
/// <param name="SnapshotBytes">A snapshot is taken after this much was applied.</param>
/// <param name="SnapshotEntries">Or after this many entries.</param>
/// <param name="SegmentCacheBytes">How many bytes of full, stored segments stay in memory.</param>
/// <param name="StalledAfter">What should move and has not for longer than this is a matter of health (<c>raftqueue.health</c>).</param>
internal sealed record QueueSettings(
    TimeSpan SessionTimeout, TimeSpan DisconnectGrace, long SnapshotBytes, int SnapshotEntries, long SegmentCacheBytes, TimeSpan StalledAfter)
{
    // What was applied since the last snapshot is in the log, and the log is in memory and in one row of the journal's checkpoint.
    private const long MaxSnapshotBytes = 256L * 1024 * 1024;

    public static QueueSettings Read(SettingsReader keys) => new(
        keys.Duration("queue.session-timeout"),
        keys.Duration("queue.disconnect-grace"),
        keys.Bytes("queue.snapshot-bytes", 1024, MaxSnapshotBytes),
        keys.Whole("queue.snapshot-entries", 1, int.MaxValue),
        keys.Bytes("queue.segment-cache", 0),
        keys.Duration("health.stalled-after"));
}
