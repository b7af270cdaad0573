using System.Collections.Immutable;
using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>These entries are committed.</summary>
internal sealed record Committed(ImmutableArray<Entry> Entries);

/// <summary>These commands stand in the log from this index on, one an entry.</summary>
internal sealed record Proposed(LogIndex First, ImmutableArray<ProposeCommand> Commands);

/// <summary>This replica leads, and has applied all that earlier leaders committed: from here on it performs effects.</summary>
internal sealed record StartLeading(Term Term);

/// <summary>This replica leads no longer; who waits is told so.</summary>
internal sealed record StopLeading(NotLeader Redirect);

/// <summary>The machine goes on from this snapshot, which is stored.</summary>
internal sealed record RestoreMachine(SnapshotMeta Meta);

/// <summary>The machine as it was stored.</summary>
internal sealed record MachineRestored(QueueMachine Machine);

/// <summary>Read a segment of bodies back that has left memory; answered by <see cref="SegmentRead"/> or <see cref="SegmentUnreadable"/>.</summary>
internal sealed record ReadSegment(long Segment, string Piece);

/// <summary>The bytes of a segment, as they were stored.</summary>
internal sealed record SegmentRead(long Segment, ReadOnlyMemory<byte> Bytes);

/// <summary>A segment cannot be read, or is not there any more because the last message in it has gone.</summary>
internal sealed record SegmentUnreadable(long Segment, Exception Cause);

/// <summary>Fill in what the machine knows, and answer.</summary>
internal sealed record CompleteStatus(Origin Origin, ReplicaStatus Status);

/// <summary>A client has these subscriptions.</summary>
internal sealed record ClientIsAlive(IActorRef Client, KeepAlive KeepAlive)
{
    /// <summary>Where it counts until the host has taken it; null for nowhere.</summary>
    public ClientLane? Lane { get; init; }
}

/// <summary>The connection to this client's system was closed.</summary>
internal sealed record ClientLost(Address Address);

/// <summary>Store this snapshot; answered by <see cref="MachineSaved"/> when it is durable.</summary>
internal sealed record SaveMachine(SnapshotCapture Capture);

/// <summary>The machine has applied all through this entry.</summary>
internal sealed record AppliedThrough(LogIndex Index);

/// <summary>The snapshot of that capture is durable.</summary>
internal sealed record MachineSaved(LogIndex Index, LogTime Stamp);
