using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>What a timer is to do.</summary>
public enum TimerChange
{
    /// <summary>Go on as it is.</summary>
    None,

    /// <summary>Start anew from now: the election timer with a newly drawn timeout, the heartbeat timer periodically.</summary>
    Restart,

    /// <summary>Stop.</summary>
    Stop,

    /// <summary>
    /// The election timer only: fire soon, because the leader is known to be gone or the votes are split. Still randomized, or those who hear of it together would
    /// split their votes (again).
    /// </summary>
    Hasten,
}

/// <summary>
/// What the rules answer to an input (P3: remember, then speak). The shell carries it out in this order: remember, send, apply, effects; and it sends
/// <see cref="SendWhenDurable"/> only when everything remembered up to and including this step is on disk.
/// </summary>
public sealed record Step
{
    /// <summary>A step that leads to <paramref name="next"/> and does nothing else.</summary>
    public Step(Replica next) => Next = next;

    /// <summary>The replica after the step.</summary>
    public Replica Next { get; init; }

    /// <summary>Events for the journal, one atomic write. When they are on disk, the shell reports <see cref="Replica.Mark"/> of <see cref="Next"/> by <see cref="Input.Written"/>.</summary>
    public ImmutableArray<IRaftEvent> Remember { get; init; } = [];

    /// <summary>Messages that may leave at once.</summary>
    public ImmutableArray<Envelope> Send { get; init; } = [];

    /// <summary>Messages that speak of what is remembered: they wait for the disk.</summary>
    public ImmutableArray<Envelope> SendWhenDurable { get; init; } = [];

    /// <summary>Newly committed entries, in order, for the machine.</summary>
    public ImmutableArray<Entry> Apply { get; init; } = [];

    /// <summary>What else the shell is to do, in order.</summary>
    public ImmutableArray<Effect> Effects { get; init; } = [];

    /// <summary>The election timer.</summary>
    public TimerChange ElectionTimer { get; init; }

    /// <summary>The heartbeat timer.</summary>
    public TimerChange HeartbeatTimer { get; init; }
}

/// <summary>What the rules ask of the shell beside remembering, sending and applying.</summary>
public abstract record Effect
{
    private Effect()
    {
    }

    /// <summary>The proposed commands stand in the log from this index on; they are not committed yet.</summary>
    public sealed record Proposed(LogIndex FirstIndex, int Count) : Effect;

    /// <summary>The proposal was not taken: <paramref name="IsBusy"/> says that too much is uncommitted, else this server does not lead (or is handing over).</summary>
    public sealed record ProposalRefused(bool IsBusy) : Effect;

    /// <summary>The read may be answered once the machine has applied through <paramref name="Index"/>.</summary>
    public sealed record ReadReady(long ReadId, LogIndex Index) : Effect;

    /// <summary>This server does not lead, or not any more: the read must be asked elsewhere.</summary>
    public sealed record ReadRefused(long ReadId) : Effect;

    /// <summary>A transfer or a change of members has ended.</summary>
    /// <param name="RequestId">The request.</param>
    /// <param name="Refusal">Why it failed; empty when it is done (committed, or handed over).</param>
    /// <param name="OutcomeUnknown">It failed, but it was begun and may yet be done.</param>
    public sealed record RequestEnded(long RequestId, string Refusal, bool OutcomeUnknown = false) : Effect;

    /// <summary>This server knows of another leader, or of none, or of another term.</summary>
    public sealed record LeaderChanged(Term Term, NodeId? Leader) : Effect;

    /// <summary>
    /// This leader's no-op is committed: all that earlier leaders committed is known and applied before this point, and its own machine may perform effects.
    /// </summary>
    public sealed record LeadershipEstablished(Term Term, LogIndex NoOp) : Effect;

    /// <summary>Read a chunk of the snapshot <paramref name="Meta"/> for <paramref name="To"/>; answered by <see cref="Input.SnapshotChunkRead"/>.</summary>
    public sealed record ReadSnapshotChunk(NodeId To, SnapshotMeta Meta, SnapshotCursor Cursor) : Effect;

    /// <summary>Store a chunk of the leader's snapshot; answered by <see cref="Input.SnapshotChunkStored"/>.</summary>
    public sealed record StoreSnapshotChunk(InstallSnapshot Chunk) : Effect;

    /// <summary>A member, this server or another, cannot take the leader's snapshot. Nothing but people can help it; it is offered again and again.</summary>
    public sealed record SnapshotRefused(NodeId Member, string Reason) : Effect;

    /// <summary>The leader's snapshot has taken the place of the log: the machine must continue from it.</summary>
    public sealed record RestoreMachine(SnapshotMeta Meta) : Effect;

    /// <summary>A message was ignored, because no lawful server can have sent it.</summary>
    public sealed record MessageRefused(NodeId From, string Reason) : Effect;

    /// <summary>This server has founded the group with these members.</summary>
    public sealed record Founded(Configuration Members) : Effect;

    /// <summary>This server has been removed from the group, and the removal is committed.</summary>
    public sealed record Removed : Effect;
}
