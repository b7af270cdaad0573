using System.Collections.Immutable;

namespace RaftQueue.Contracts.Raft;

/// <summary>
/// A replica's whole memory at one point of its journal: the records before it are no longer needed, and the records after it go on from here.
/// The first members are in the snapshot's configuration.
/// </summary>
/// <param name="CurrentTerm">The latest term it has seen.</param>
/// <param name="VotedFor">Who has its vote in that term, or null.</param>
/// <param name="Snapshot">The latest snapshot; <see cref="SnapshotMeta.Origin"/> before any.</param>
/// <param name="BaseIndex">The last entry that has left the log: at most the snapshot's, since some of what it covers may be kept for followers.</param>
/// <param name="BaseTerm">The term of that entry.</param>
/// <param name="Entries">The log that is kept, from right after <paramref name="BaseIndex"/>, without gap, possibly none.</param>
public sealed record MemoryCheckpoint(
    Term CurrentTerm, NodeId? VotedFor, SnapshotMeta Snapshot, LogIndex BaseIndex, Term BaseTerm, ImmutableArray<Entry> Entries);
