namespace RaftQueue.Contracts.Raft;

/// <summary>What a snapshot stands for (§7).</summary>
/// <param name="LastIncludedIndex">The snapshot replaces the log through this index.</param>
/// <param name="LastIncludedTerm">The term of that entry.</param>
/// <param name="Stamp">The log time of that entry.</param>
/// <param name="Configuration">The latest configuration through that index.</param>
/// <param name="MachineVersion">The machine version in force at that index; a node that does not know it must refuse the snapshot.</param>
public sealed record SnapshotMeta(
    LogIndex LastIncludedIndex, Term LastIncludedTerm, LogTime Stamp, Configuration Configuration, int MachineVersion)
{
    /// <summary>Before any snapshot, of a group with these first members.</summary>
    public static SnapshotMeta Origin(Configuration configuration) => new(LogIndex.Zero, Term.Zero, LogTime.Zero, configuration, 1);
}

/// <summary>
/// A place in a snapshot on its way. A snapshot is a manifest (piece 0) and numbered pieces; the receiver says which place it wants next, and so can
/// resume after an interruption and skip pieces it already has. Raft only carries it.
/// </summary>
/// <param name="Piece">The number of the piece; 0 is the manifest.</param>
/// <param name="Offset">Bytes into the piece.</param>
public readonly record struct SnapshotCursor(long Piece, int Offset)
{
    /// <summary>The first byte of the manifest.</summary>
    public static readonly SnapshotCursor Start = new(0, 0);
}

/// <summary>The leader sends one chunk of its snapshot to a follower that is too far behind (§7).</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="Meta">The snapshot that the chunk belongs to.</param>
/// <param name="Cursor">Where the chunk starts.</param>
/// <param name="PieceLength">The whole length of the piece, in bytes.</param>
/// <param name="Data">The chunk: at most 64 KiB.</param>
/// <param name="Round">As in <see cref="AppendEntries"/>: a chunk is also a heartbeat.</param>
public sealed record InstallSnapshot(
    GroupId Group, Term Term, SnapshotMeta Meta, SnapshotCursor Cursor, int PieceLength, ReadOnlyMemory<byte> Data, long Round) : IPeerMessage;

/// <summary>How an installation goes on.</summary>
public enum SnapshotProgress : byte
{
    /// <summary>The follower wants the chunk at <see cref="SnapshotReply.Next"/>.</summary>
    Wanted = 0,

    /// <summary>The follower has installed the snapshot durably; the log goes on after it.</summary>
    Installed = 1,

    /// <summary>The follower does not know the snapshot's machine version and needs an upgrade; or it is damaged.</summary>
    Refused = 2,
}

/// <summary>The answer to <see cref="InstallSnapshot"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The follower's term.</param>
/// <param name="LastIncludedIndex">Which snapshot is spoken of.</param>
/// <param name="Progress">Whether more is wanted.</param>
/// <param name="Next">The place wanted next.</param>
/// <param name="Reason">Refused: why, for people; otherwise empty.</param>
/// <param name="Round">The round of the request.</param>
public sealed record SnapshotReply(
    GroupId Group, Term Term, LogIndex LastIncludedIndex, SnapshotProgress Progress, SnapshotCursor Next, string Reason, long Round)
    : IPeerMessage;
