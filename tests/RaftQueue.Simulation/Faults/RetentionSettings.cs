using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Faults;

/// <summary>The settings by which a node takes snapshots and checkpoints, and keeps log behind them.</summary>
/// <param name="SnapshotEntries">A snapshot is taken after so many entries.</param>
/// <param name="SnapshotBytes">Or after so many bytes of them.</param>
/// <param name="KeptLogBytes">How many bytes of the log stay behind a snapshot.</param>
/// <param name="CheckpointBytes">How much is written to the journal before a checkpoint takes its place.</param>
public sealed record RetentionSettings(int SnapshotEntries, long SnapshotBytes, long KeptLogBytes, long CheckpointBytes)
{
    /// <summary>For schedules that are driven by hand.</summary>
    public static readonly RetentionSettings Default = new(SnapshotEntries: 40, SnapshotBytes: long.MaxValue, KeptLogBytes: 1_000, CheckpointBytes: 4_000);

    /// <summary>
    /// The settings of a seed: each may be at the edge of what a node accepts. Where the whole log is kept, nothing has been compacted when
    /// the first snapshot is stored;
    /// where none is, snapshot and log meet at one index. Where every entry or two make a snapshot, all of the log stays or much of it: a
    /// member that needs a snapshot
    /// gets it in the time of many entries, and could never catch up if they were gone by then.
    /// </summary>
    public static RetentionSettings Draw(SeededRandom random)
    {
        var entries = random.Pick([1, 2, 12, 25, 60, 200]);
        return new RetentionSettings(
            entries,
            random.Pick([1_024L, 10_000L, long.MaxValue, long.MaxValue]),
            random.Pick<long>(entries < 12 ? [100_000L, long.MaxValue] : [0L, 1L, 300L, 2_000L, 100_000L, long.MaxValue]),
            random.Pick([0L, 1L, 3_000L, 50_000L, long.MaxValue]));
    }
}
