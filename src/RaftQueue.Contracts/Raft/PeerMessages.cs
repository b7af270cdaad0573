using System.Collections.Immutable;

namespace RaftQueue.Contracts.Raft;

/// <summary>What one replica of a group says to another.</summary>
public interface IPeerMessage
{
    /// <summary>The group both replicas belong to.</summary>
    GroupId Group { get; }

    /// <summary>The sender's current term (for a pre-vote: the term it would campaign in).</summary>
    Term Term { get; }
}

/// <summary>A peer message on its way, with the incarnations that let a wiped node be told from the one it was.</summary>
/// <param name="From">Who says it.</param>
/// <param name="FromIncarnation">The sender's incarnation.</param>
/// <param name="To">Who is meant.</param>
/// <param name="ToIncarnation">
/// The life of the receiver that is meant: an answer goes to the life that asked, all else to the one that the sender's configuration names; unknown where it names none.
/// </param>
/// <param name="Message">What is said.</param>
public sealed record Envelope(NodeId From, Incarnation FromIncarnation, NodeId To, Incarnation ToIncarnation, IPeerMessage Message);

/// <summary>A candidate asks for a vote (§5.2, §5.4).</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The candidate's term; in a pre-vote the term it would enter.</param>
/// <param name="LastLogIndex">Index of the candidate's last entry.</param>
/// <param name="LastLogTerm">Term of the candidate's last entry.</param>
/// <param name="IsPreVote">Only asks whether a vote would be given: nobody's term changes (dissertation, §9.6).</param>
/// <param name="IsTransfer">The leader itself asked for this election, so the voters need not stay loyal to it (dissertation, §3.10).</param>
public sealed record RequestVote(
    GroupId Group, Term Term, LogIndex LastLogIndex, Term LastLogTerm, bool IsPreVote, bool IsTransfer) : IPeerMessage;

/// <summary>The answer to <see cref="RequestVote"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The voter's term; for a granted pre-vote, the term that was asked for.</param>
/// <param name="IsGranted">Whether the vote is given.</param>
/// <param name="IsPreVote">Whether it answers a pre-vote.</param>
public sealed record VoteReply(GroupId Group, Term Term, bool IsGranted, bool IsPreVote) : IPeerMessage;

/// <summary>The leader replicates entries; without entries it is a heartbeat (§5.3).</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The leader's term.</param>
/// <param name="PrevLogIndex">Index of the entry before the new ones.</param>
/// <param name="PrevLogTerm">Term of that entry.</param>
/// <param name="Entries">The entries, in order, possibly none.</param>
/// <param name="LeaderCommit">The leader's commit index.</param>
/// <param name="Round">A number that only rises within a term; the reply repeats it, which proves that the leader still led when it sent this (§8, ReadIndex).</param>
public sealed record AppendEntries(
    GroupId Group,
    Term Term,
    LogIndex PrevLogIndex,
    Term PrevLogTerm,
    ImmutableArray<Entry> Entries,
    LogIndex LeaderCommit,
    long Round) : IPeerMessage
{
    /// <summary>In a heartbeat: log time when the leader sent it, so that its successor continues from there; else zero.</summary>
    public LogTime LogTime { get; init; }
}

/// <summary>The answer to <see cref="AppendEntries"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The follower's term.</param>
/// <param name="IsAccepted">Whether the follower's log held the entry before the new ones.</param>
/// <param name="MatchIndex">Accepted: the follower's log, on disk, equals the leader's through here. Refused: the index that did not match.</param>
/// <param name="ConflictTerm">Refused: the term of the follower's conflicting entry, or zero where its log is shorter (§5.3, the last paragraphs).</param>
/// <param name="ConflictIndex">Refused: the first index of that term, or the index after the follower's last entry.</param>
/// <param name="Round">The round of the request.</param>
/// <param name="MachineVersion">The newest machine version that the follower knows.</param>
public sealed record AppendReply(
    GroupId Group,
    Term Term,
    bool IsAccepted,
    LogIndex MatchIndex,
    Term ConflictTerm,
    LogIndex ConflictIndex,
    long Round,
    int MachineVersion) : IPeerMessage;

/// <summary>The leader tells a caught-up voter to campaign at once (dissertation, §3.10).</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The leader's term.</param>
public sealed record TimeoutNow(GroupId Group, Term Term) : IPeerMessage;

/// <summary>A server that is to found a group asks a member-to-be whether it knows of the group already.</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The founder's term.</param>
public sealed record FoundingCall(GroupId Group, Term Term) : IPeerMessage;

/// <summary>The answer to <see cref="FoundingCall"/>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Term">The term of the one that answers.</param>
/// <param name="IsBlank">Whether it knows nothing of the group: no members and no entries.</param>
public sealed record FoundingReply(GroupId Group, Term Term, bool IsBlank) : IPeerMessage;
