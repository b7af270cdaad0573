using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>
/// When a replica takes a snapshot and a checkpoint, and what it keeps on its disk afterwards. The actors and the simulator decide by the
/// same functions. Every
/// setting may be at its smallest or largest value, so nothing here may assume that an entry was compacted, or that two indexes differ.
/// </summary>
public static class Retention
{
    /// <summary>Whether a snapshot of the machine is due.</summary>
    /// <param name="entries">How many entries were applied since the last snapshot.</param>
    /// <param name="bytes">How many bytes they are.</param>
    /// <param name="maxEntries">The setting <c>snapshot-entries</c>.</param>
    /// <param name="maxBytes">The setting <c>snapshot-bytes</c>.</param>
    public static bool IsSnapshotDue(long entries, long bytes, long maxEntries, long maxBytes) =>
        entries > 0 && (entries >= maxEntries || bytes >= maxBytes);

    /// <summary>
    /// The last entry that leaves the log when the machine's snapshot at <paramref name="snapshot"/> is stored; the index before <see
    /// cref="Log.FirstIndex"/> where
    /// none does. Entries that the snapshot covers stay while they fit <paramref name="keptBytes"/>, so that a follower which is a little
    /// behind needs no snapshot.
    /// </summary>
    public static LogIndex CompactThrough(Log log, LogIndex snapshot, long keptBytes)
    {
        var through = snapshot;
        for (long kept = 0; through >= log.FirstIndex; through = through.Previous)
        {
            kept += log[through].Weight;
            if (kept > keptBytes)
                break;
        }

        return through;
    }

    /// <summary>
    /// The last index whose snapshot nothing needs any more, once the log begins after <paramref name="logBase"/>; null where no snapshot
    /// is older than that. A
    /// snapshot at or after the base stays: the kept log can be replayed from it.
    /// </summary>
    public static LogIndex? ObsoleteSnapshotsThrough(LogIndex logBase) => logBase > LogIndex.Zero ? logBase.Previous : null;

    /// <summary>Whether the journal's records are to be replaced by a checkpoint now that the log was compacted.</summary>
    /// <param name="bytes">How many bytes were written since the last checkpoint.</param>
    /// <param name="maxBytes">The setting <c>journal-checkpoint</c>; 0 asks for a checkpoint at every compaction.</param>
    public static bool IsCheckpointDue(long bytes, long maxBytes) => bytes >= maxBytes;
}
