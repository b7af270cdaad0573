using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>How a leader replicates to one member.</summary>
public enum ProgressPhase
{
    /// <summary>It looks for the last entry both logs share: one append at a time.</summary>
    Probe,

    /// <summary>The logs are known to match: appends follow one another without waiting, within a bound.</summary>
    Replicate,

    /// <summary>The member needs entries that are compacted: it is sent the snapshot.</summary>
    Snapshot,
}

/// <summary>A leader's view of one other member (Figure 2, "Volatile state on leaders").</summary>
/// <param name="Node">The member.</param>
/// <param name="Incarnation">The life of its data that counts: named by the configuration, or else the first one heard in this term.</param>
/// <param name="IsVoter">Whether it counts in a majority.</param>
/// <param name="NextIndex">The next entry to send.</param>
public sealed record Progress(NodeId Node, Incarnation Incarnation, bool IsVoter, LogIndex NextIndex)
{
    /// <summary>Known to be on its disk. Only rises.</summary>
    public LogIndex MatchIndex { get; init; } = LogIndex.Zero;

    /// <summary>Probe, replicate or snapshot.</summary>
    public ProgressPhase Phase { get; init; } = ProgressPhase.Probe;

    /// <summary>In <see cref="ProgressPhase.Probe"/>: an append is on its way and not answered yet.</summary>
    public bool IsProbing { get; init; }

    /// <summary>In <see cref="ProgressPhase.Replicate"/>: the last index of each append that is on its way, in order.</summary>
    public ImmutableArray<LogIndex> InFlight { get; init; } = [];

    /// <summary>In <see cref="ProgressPhase.Snapshot"/>: how far the snapshot is.</summary>
    public SnapshotTransfer? Transfer { get; init; }

    /// <summary>When it was last heard in this term, by the leader's monotonic clock.</summary>
    public TimeSpan LastHeard { get; init; }

    /// <summary>The latest round of this term that it has answered.</summary>
    public long AckedRound { get; init; }

    /// <summary>The newest machine version it knows; zero until it has said so.</summary>
    public int MachineVersion { get; init; }

    /// <summary>Another life of its data than the one that counts, heard lately: the data was wiped. Unknown when there is none.</summary>
    public Incarnation OtherLife { get; init; } = Incarnation.Unknown;

    /// <summary>Whether it has been taken out of the configuration, and is only still here to be told that this is committed.</summary>
    public bool IsLeaving { get; init; }

    internal bool HasRoom(int maxAppendsInFlight) => Phase switch
    {
        ProgressPhase.Probe => !IsProbing,
        ProgressPhase.Replicate => InFlight.Length < maxAppendsInFlight,
        _ => false,
    };

    /// <summary>An append through <paramref name="last"/> is on its way. Pipelining goes on as if it had arrived; a probe waits.</summary>
    internal Progress Sent(LogIndex last) => Phase == ProgressPhase.Replicate
        ? this with { NextIndex = last.Next, InFlight = InFlight.Add(last) }
        : this with { IsProbing = true };

    /// <summary>Its log matches through <paramref name="match"/>.</summary>
    internal Progress Matched(LogIndex match)
    {
        var highest = LogIndex.Max(MatchIndex, match);
        var inFlight = InFlight;
        while (!inFlight.IsEmpty && inFlight[0] <= highest)
            inFlight = inFlight.RemoveAt(0);
        return this with
        {
            MatchIndex = highest,
            Phase = ProgressPhase.Replicate,
            Transfer = null,
            IsProbing = false,
            InFlight = inFlight,
            NextIndex = Phase == ProgressPhase.Replicate ? LogIndex.Max(NextIndex, highest.Next) : highest.Next,
        };
    }

    /// <summary>It says which machine version it knows. A program that is another one than before may take the snapshot that the one before refused: it is asked anew.</summary>
    internal Progress Knowing(int machineVersion) => machineVersion == MachineVersion
        ? this
        : this with { MachineVersion = machineVersion, Transfer = Transfer is null ? null : Transfer with { Refusal = "" } };

    /// <summary>Back to probing, from <paramref name="next"/> but never below what is known to match.</summary>
    internal Progress ProbeFrom(LogIndex next) => this with
    {
        Phase = ProgressPhase.Probe,
        Transfer = null,
        IsProbing = false,
        InFlight = [],
        NextIndex = LogIndex.Max(next, MatchIndex.Next),
    };

    /// <summary>Send it <paramref name="snapshot"/> from the start; the member itself says where it goes on.</summary>
    internal Progress SendingSnapshot(SnapshotMeta snapshot, TimeSpan now) => this with
    {
        Phase = ProgressPhase.Snapshot,
        Transfer = new SnapshotTransfer(snapshot, SnapshotCursor.Start, now),
        IsProbing = false,
        InFlight = [],
    };
}

/// <summary>A snapshot on its way to one member (§7).</summary>
/// <param name="Meta">The snapshot; it stays the same until it has arrived or stalls.</param>
/// <param name="Cursor">The chunk that the member wants.</param>
/// <param name="Since">Since when that chunk is on its way.</param>
public sealed record SnapshotTransfer(SnapshotMeta Meta, SnapshotCursor Cursor, TimeSpan Since)
{
    /// <summary>Why the member refused the snapshot, for people; empty while it did not.</summary>
    public string Refusal { get; init; } = "";
}
