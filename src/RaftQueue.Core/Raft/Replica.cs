using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// One server's whole view of its group (Figure 2, "State"): what it remembers, and what it only knows while it runs. Immutable; <see cref="Rules"/> lead from one to
/// the next.
/// </summary>
public sealed record Replica
{
    internal Replica(ReplicaIdentity self, RaftOptions options, Memory memory)
    {
        Self = self;
        Options = options;
        Memory = memory;
    }

    /// <summary>Which replica this is.</summary>
    public ReplicaIdentity Self { get; }

    /// <summary>The numbers it goes by.</summary>
    public RaftOptions Options { get; }

    /// <summary>Follower, candidate or leader.</summary>
    public Role Role { get; internal init; }

    /// <summary>What is remembered, including what is still on its way to the disk.</summary>
    public Memory Memory { get; internal init; }

    /// <summary>The highest entry known to be committed.</summary>
    public LogIndex CommitIndex { get; internal init; }

    /// <summary>The highest entry handed out for the machine (<see cref="Step.Apply"/>).</summary>
    public LogIndex LastApplied { get; internal init; }

    /// <summary>Who leads <see cref="Memory.CurrentTerm"/>, as far as this replica has heard.</summary>
    public NodeId? Leader { get; internal init; }

    /// <summary>When <see cref="Leader"/> was last heard, by the monotonic clock; a replica stays loyal to a leader that it heard lately.</summary>
    public TimeSpan LeaderHeard { get; internal init; }

    /// <summary>The clock by which it stamps entries, or would if it led.</summary>
    public LogClock Clock { get; internal init; }

    /// <summary>A candidate's election; null in the other roles.</summary>
    public Candidacy? Candidacy { get; internal init; }

    /// <summary>A leader's volatile state; null in the other roles.</summary>
    public Leadership? Leadership { get; internal init; }

    /// <summary>The snapshot that a follower is receiving; null when there is none.</summary>
    public SnapshotReception? Reception { get; internal init; }

    /// <summary>Who has answered this server as the founder of a group; null where it founds none, or has.</summary>
    public RollCall? RollCall { get; internal init; }

    /// <summary>This server has nothing of its group, but has heard from a member that it can only have been given by a log: the group exists.</summary>
    public bool KnowsOfGroup { get; internal init; }

    /// <summary>The current term.</summary>
    public Term CurrentTerm => Memory.CurrentTerm;

    /// <summary>The log.</summary>
    public Log Log => Memory.Log;

    /// <summary>What a write of everything remembered so far stands for; the shell reports it by <see cref="Input.Written"/> when that is on disk.</summary>
    public WriteMark Mark => new(Memory.CurrentTerm, Memory.Log.LastIndex, Memory.Log.LastTerm);

    /// <summary>
    /// A replica that starts with what it remembers: always a follower, knowing no leader, and knowing as committed only what its snapshot covers. The shell starts the
    /// election timer.
    /// </summary>
    /// <param name="self">Which replica it is.</param>
    /// <param name="options">The numbers it goes by.</param>
    /// <param name="memory">The fold over its journal.</param>
    /// <param name="now">The monotonic clock.</param>
    public static Replica Wake(ReplicaIdentity self, RaftOptions options, Memory memory, TimeSpan now)
    {
        if (!self.Incarnation.IsKnown)
            throw new ArgumentException("A replica knows the incarnation of its own data.", nameof(self));
        var snapshot = memory.Log.Snapshot.LastIncludedIndex;
        return new Replica(self, options, memory) { CommitIndex = snapshot, LastApplied = snapshot, LeaderHeard = now };
    }
}

/// <summary>An election from the candidate's side (§5.2).</summary>
/// <param name="IsPreVote">Whether it only asks first (dissertation, §9.6): nobody's term has changed yet.</param>
/// <param name="IsTransfer">Whether the leader itself asked for it.</param>
/// <param name="Granted">Who has given a vote, itself included once its own is on disk.</param>
public sealed record Candidacy(bool IsPreVote, bool IsTransfer, System.Collections.Immutable.ImmutableArray<NodeId> Granted);

/// <summary>A snapshot on its way in, and whom the answers go to.</summary>
/// <param name="Meta">The snapshot.</param>
/// <param name="Term">The term of the leader that sends it.</param>
/// <param name="LeaderIncarnation">The life of that leader.</param>
/// <param name="Round">The round of its latest chunk; it proves nothing in another term.</param>
public sealed record SnapshotReception(SnapshotMeta Meta, Term Term, Incarnation LeaderIncarnation, long Round);
