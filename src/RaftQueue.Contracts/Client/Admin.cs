using System.Collections.Immutable;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Client;

/// <summary>Something that operators ask of a group. It goes to the leader, unless it is <see cref="IAnsweredByAnyRole"/>.</summary>
public interface IAdminCommand;

/// <summary>An admin command that every replica answers from what it knows itself, whatever its role.</summary>
public interface IAnsweredByAnyRole : IAdminCommand;

/// <summary>Let a node join the group as a learner; it becomes a voter by itself once it has caught up.</summary>
/// <param name="Node">The node, which must be up in the Akka cluster.</param>
public sealed record AddMember(NodeId Node) : IAdminCommand;

/// <summary>Make a learner a voter now; refused while it lags behind.</summary>
/// <param name="Node">The learner.</param>
public sealed record PromoteMember(NodeId Node) : IAdminCommand;

/// <summary>Take a node out of the group; a leader may take out itself.</summary>
/// <param name="Node">The member.</param>
public sealed record RemoveMember(NodeId Node) : IAdminCommand;

/// <summary>Hand leadership over.</summary>
/// <param name="Target">To whom; null for the most up-to-date voter.</param>
public sealed record TransferLeadership(NodeId? Target) : IAdminCommand;

/// <summary>How does the asked node see the group? Answered by any node from what it knows, without asking others.</summary>
public sealed record GetStatus : IAnsweredByAnyRole
{
    /// <summary>The only one.</summary>
    public static readonly GetStatus Instance = new();
}

/// <summary>An admin command on its way.</summary>
/// <param name="CorrelationId">Repeated in the answer.</param>
/// <param name="Group">The group.</param>
/// <param name="Command">The command.</param>
public sealed record AdminRequest(long CorrelationId, GroupId Group, IAdminCommand Command) : IClientMessage;

/// <summary>The change of members is committed.</summary>
/// <param name="Configuration">The members now.</param>
public sealed record MembershipChanged(Configuration Configuration) : IReply;

/// <summary>Leadership has gone to another node.</summary>
/// <param name="Leader">The new leader.</param>
public sealed record LeadershipTransferred(NodeId Leader) : IReply;

/// <summary>How the leader sees one member.</summary>
/// <param name="Node">The member.</param>
/// <param name="MatchIndex">Known to be on its disk.</param>
/// <param name="Phase">How it is replicated to: probe, replicate or snapshot.</param>
public sealed record MemberProgress(NodeId Node, LogIndex MatchIndex, string Phase);

/// <summary>How a node sees its replica of a group.</summary>
/// <param name="Node">The node.</param>
/// <param name="Incarnation">The life of its data.</param>
/// <param name="Group">The group.</param>
/// <param name="Role">Follower, Candidate or Leader.</param>
/// <param name="Term">Its current term.</param>
/// <param name="Leader">Whom it takes for the leader.</param>
/// <param name="FirstIndex">The first entry it still has.</param>
/// <param name="LastIndex">Its last entry.</param>
/// <param name="CommitIndex">Known to be committed.</param>
/// <param name="AppliedIndex">Applied to its queue machine.</param>
/// <param name="SnapshotIndex">Covered by its latest snapshot.</param>
/// <param name="Digest">A digest of the machine's state at <paramref name="AppliedIndex"/>: equal on all nodes that have applied as much.</param>
/// <param name="Members">The configuration it uses.</param>
/// <param name="Progress">On the leader: how far the members are.</param>
/// <param name="IsHealthy">Whether this replica does what it should.</param>
/// <param name="Health">What is wrong, for people; empty when healthy.</param>
public sealed record ReplicaStatus(
    NodeId Node,
    Incarnation Incarnation,
    GroupId Group,
    string Role,
    Term Term,
    NodeId? Leader,
    LogIndex FirstIndex,
    LogIndex LastIndex,
    LogIndex CommitIndex,
    LogIndex AppliedIndex,
    LogIndex SnapshotIndex,
    string Digest,
    Configuration Members,
    ImmutableArray<MemberProgress> Progress,
    bool IsHealthy,
    string Health) : IReply
{
    /// <summary>
    /// How far log time is ahead of the node's wall clock (negative: behind it); null where the node has not led or heard a leader since it
    /// started.
    /// </summary>
    public TimeSpan? LogTimeOffset { get; init; }

    /// <summary>The longest time that the queue machine took for one entry since the replica started.</summary>
    public TimeSpan LongestApply { get; init; }
}
