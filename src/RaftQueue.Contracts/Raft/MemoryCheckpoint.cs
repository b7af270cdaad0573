using System.Collections.Immutable;

namespace RaftQueue.Contracts.Raft;

/// <summary>
/// A replica's whole memory at one point of its journal: the records before it are no longer needed, and the records after it go on from here.
/// The first members are in the snapshot's configuration.
/// </summary>
/// <param name="CurrentTerm">The latest term it has seen.</param>
/// <param name="VotedFor">Who has its vote in that term, or null.</param>
/// <param name="Snapshot">What the log before <paramref name="Entries"/> was compacted into; <see cref="SnapshotMeta.Origin"/> before any snapshot.</param>
/// <param name="Entries">The log that is kept, without gap, possibly none.</param>
public sealed record MemoryCheckpoint(Term CurrentTerm, NodeId? VotedFor, SnapshotMeta Snapshot, ImmutableArray<Entry> Entries);
