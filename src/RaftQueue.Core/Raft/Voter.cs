using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// RequestVote from the receiver's side (Figure 2; §5.2, §5.4.1). Also a learner answers: the candidate's configuration decides whose votes count, and a server just
/// promoted may not have heard of it yet.
/// </summary>
internal static class Voter
{
    public static void Answer(StepBuilder step, Envelope envelope, RequestVote request)
    {
        if (!envelope.ToIncarnation.IsKnown && step.Log.Configuration.Members.IsEmpty)
        {
            // The candidate knows of us only from a first configuration, and we never were part of one: what it asks for is the vote of an earlier life of our
            // data, which may have helped to commit what the candidate lacks and we have forgotten.
            Refuse(step, envelope, request);
            return;
        }

        if (!request.IsTransfer && HearsLiveLeader(step))
        {
            // Not even the term is taken over: a server that was cut off or removed must not depose a leader that works (dissertation, §4.2.3).
            Refuse(step, envelope, request);
            return;
        }

        if (request.IsPreVote)
        {
            AnswerPreVote(step, envelope, request);
            return;
        }

        if (request.Term > step.CurrentTerm)
            Servers.BecomeFollower(step, request.Term, leader: null);
        if (request.Term < step.CurrentTerm || !IsFree(step, envelope.From) || !MayLead(step, envelope, request))
            Refuse(step, envelope, request);
        else
            Grant(step, envelope, request);
    }

    public static void Refuse(StepBuilder step, Envelope envelope, RequestVote request) => step.Send(
        envelope.From, envelope.FromIncarnation, new VoteReply(step.Self.Group, step.CurrentTerm, IsGranted: false, request.IsPreVote));

    private static void AnswerPreVote(StepBuilder step, Envelope envelope, RequestVote request)
    {
        // The refusal carries our term: a candidate with the longer log but the older term takes it over, and can win the next time.
        if (request.Term <= step.CurrentTerm || !MayLead(step, envelope, request))
        {
            Refuse(step, envelope, request);
            return;
        }

        // It promises nothing, so there is nothing to remember first.
        step.Send(envelope.From, envelope.FromIncarnation, new VoteReply(step.Self.Group, request.Term, IsGranted: true, IsPreVote: true));
    }

    private static void Grant(StepBuilder step, Envelope envelope, RequestVote request)
    {
        // Who only asked around so far gives way to the candidate that it votes for.
        if (step.Role == Role.Candidate)
            Servers.BecomeFollower(step, step.CurrentTerm, leader: null);
        if (step.Memory.VotedFor is null)
            step.Remember(new Voted(step.CurrentTerm, envelope.From));
        step.ElectionTimer = TimerChange.Restart;
        step.SendWhenDurable(envelope.From, envelope.FromIncarnation, new VoteReply(step.Self.Group, step.CurrentTerm, IsGranted: true, IsPreVote: false));
    }

    private static bool HearsLiveLeader(StepBuilder step) => step.Role switch
    {
        // A leader answers to its quorum: when that is gone, check-quorum makes it step down.
        Role.Leader => true,
        _ => step.Leader is not null && step.Now - step.LeaderHeard < step.Options.MinElectionTimeout,
    };

    private static bool IsFree(StepBuilder step, NodeId candidate) =>
        step.Memory.VotedFor is null || step.Memory.VotedFor == candidate;

    private static bool MayLead(StepBuilder step, Envelope envelope, RequestVote request)
    {
        var comparison = Compare(request, step.Log);
        if (comparison < 0)
            return false;
        // A node whose data was wiped has forgotten whom it voted for, and must not campaign under its old name. Only a log that is newer than ours can know of a
        // life of it that was admitted since.
        return comparison > 0
            || step.Log.Configuration.Find(envelope.From) is not { } member
            || Servers.IsSameLife(member.Incarnation, envelope.FromIncarnation);
    }

    /// <summary>Which log is newer: the larger last term wins; with equal terms the larger index (§5.4.1).</summary>
    private static int Compare(RequestVote request, Log log) => request.LastLogTerm == log.LastTerm
        ? request.LastLogIndex.CompareTo(log.LastIndex)
        : request.LastLogTerm.CompareTo(log.LastTerm);
}
