using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Something that happens to a replica. The rules answer each with a <see cref="Step"/>. Inputs carry what the rules cannot know by themselves: time, bytes that were
/// read, the end of a write.
/// </summary>
public abstract record Input
{
    private Input()
    {
    }

    /// <summary>A message of a peer arrived.</summary>
    public sealed record Received(Envelope Envelope) : Input;

    /// <summary>
    /// The election timer fired: a follower or candidate heard no leader for its randomized timeout and campaigns (§5.2); a leader looks whether it still
    /// reaches a majority (check-quorum).
    /// </summary>
    public sealed record ElectionTimeout : Input;

    /// <summary>
    /// The heartbeat timer fired: a leader speaks to every member, and slews log time towards its wall clock, where that is given.
    /// </summary>
    public sealed record Heartbeat(LogTime? Wall = null) : Input;

    /// <summary>A leader is asked to append commands, in this order, at this time of its wall clock.</summary>
    public sealed record Propose(ImmutableArray<ReadOnlyMemory<byte>> Commands, LogTime Now) : Input;

    /// <summary>
    /// Everything that was to be remembered through <see cref="WriteMark"/> is on disk. The mark says what the write stood for, so that one that completes in a later
    /// term confirms nothing wrong.
    /// </summary>
    public sealed record Written(WriteMark Mark) : Input;

    /// <summary>A linearizable read is wanted (§8); answered by <see cref="Effect.ReadReady"/> or <see cref="Effect.ReadRefused"/> of the same id.</summary>
    public sealed record Read(long ReadId) : Input;

    /// <summary>Hand leadership to <paramref name="Target"/>, or to the most up-to-date voter (dissertation, §3.10); answered by <see cref="Effect.RequestEnded"/>.</summary>
    public sealed record Transfer(long RequestId, NodeId? Target) : Input;

    /// <summary>Change the members (one server at a time, dissertation §4.1); answered by <see cref="Effect.RequestEnded"/>.</summary>
    public sealed record ChangeMembers(long RequestId, MembershipChange Change, LogTime Now) : Input;

    /// <summary>The transport lost this node: a hint that lets a follower of it start a pre-vote soon.</summary>
    public sealed record PeerLost(NodeId Node) : Input;

    /// <summary>The machine's snapshot at an applied index is durably stored; the log through <paramref name="CompactThrough"/> may go.</summary>
    public sealed record SnapshotStored(SnapshotMeta Meta, LogIndex CompactThrough) : Input;

    /// <summary>The chunk that <see cref="Effect.ReadSnapshotChunk"/> asked for.</summary>
    public sealed record SnapshotChunkRead(NodeId To, SnapshotMeta Meta, SnapshotCursor Cursor, int PieceLength, ReadOnlyMemory<byte> Data) : Input;

    /// <summary>
    /// The chunk of <see cref="Effect.StoreSnapshotChunk"/> is stored; <paramref name="Next"/> is wanted next, or, where it is null, the whole snapshot is
    /// there, durable and verified. <paramref name="Refusal"/> says why it cannot be used, else empty.
    /// </summary>
    public sealed record SnapshotChunkStored(SnapshotMeta Meta, SnapshotCursor? Next, string Refusal) : Input;
}

/// <summary>One change of the members of a group.</summary>
public abstract record MembershipChange
{
    private MembershipChange()
    {
    }

    /// <summary>Admit a node as learner under the incarnation it has now; it is promoted once it has caught up.</summary>
    public sealed record Add(NodeId Node, Incarnation Incarnation) : MembershipChange;

    /// <summary>Make a caught-up learner a voter.</summary>
    public sealed record Promote(NodeId Node) : MembershipChange;

    /// <summary>Take a member out.</summary>
    public sealed record Remove(NodeId Node) : MembershipChange;
}

/// <summary>What a write to the journal stands for: the memory's term and the end of its log when the write was issued.</summary>
/// <param name="Term">The current term.</param>
/// <param name="LastIndex">The last entry of the log.</param>
/// <param name="LastTerm">That entry's term.</param>
public readonly record struct WriteMark(Term Term, LogIndex LastIndex, Term LastTerm);
