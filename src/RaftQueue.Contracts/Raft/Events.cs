using System.Collections.Immutable;

namespace RaftQueue.Contracts.Raft;

/// <summary>
/// What a replica must remember before it may speak: the events of its journal. A replica's memory is the fold over them and nothing else.
/// </summary>
public interface IRaftEvent;

/// <summary>This replica founded its group; with no members it waits to be added to one.</summary>
/// <param name="Configuration">The first members, each in the life that answered the founder.</param>
public sealed record Bootstrapped(Configuration Configuration) : IRaftEvent;

/// <summary>The current term moved, a vote was cast, or both: one event, so that a crash cannot part them (Figure 2, persistent state).</summary>
/// <param name="Term">The term from here on.</param>
/// <param name="VotedFor">Who has this replica's vote in that term, or null.</param>
public sealed record Voted(Term Term, NodeId? VotedFor) : IRaftEvent;

/// <summary>Entries were added to the end of the log.</summary>
/// <param name="Entries">At least one; the first follows the last entry of the log.</param>
public sealed record EntriesAppended(ImmutableArray<Entry> Entries) : IRaftEvent;

/// <summary>The log's end gave way to the leader's (§5.3). A journal only appends, so a truncation is an event too.</summary>
/// <param name="From">This entry and all after it are gone. Always above the commit index.</param>
public sealed record LogTruncated(LogIndex From) : IRaftEvent;

/// <summary>A snapshot of our own machine is stored, and the log before <paramref name="CompactThrough"/> may go (§7).</summary>
/// <param name="Meta">The snapshot.</param>
/// <param name="CompactThrough">The last entry that leaves the log: at most the snapshot's, less where followers may still want entries.</param>
public sealed record LogCompacted(SnapshotMeta Meta, LogIndex CompactThrough) : IRaftEvent;

/// <summary>The leader's snapshot is stored and takes the place of the log through its index (§7).</summary>
/// <param name="Meta">The snapshot. Entries after it stay only where the log held its last included entry with the same term.</param>
public sealed record SnapshotInstalled(SnapshotMeta Meta) : IRaftEvent;
