using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Rules for candidates (Figure 2, "Candidates"; §5.2; pre-vote: dissertation, §9.6).</summary>
internal static class Candidate
{
    /// <summary>No leader was heard for the election timeout: ask first whether an election could be won, and change nobody's term by asking.</summary>
    public static void Campaign(StepBuilder step)
    {
        Servers.BecomeFollower(step, step.CurrentTerm, leader: null);
        step.ElectionTimer = TimerChange.Restart;
        if (!Servers.MayCampaign(step))
            return;
        Stand(step, new Candidacy(IsPreVote: true, IsTransfer: false, Granted: [step.Self.Node]));
        foreach (var voter in OtherVoters(step))
            step.Send(voter.Id, voter.Incarnation, Request(step, step.CurrentTerm.Next, step.Candidacy!));
        Tally(step);
    }

    /// <summary>The election itself: a new term, and the own vote in it. It counts when it is on disk, and nobody hears of it before (§5.2).</summary>
    public static void Elect(StepBuilder step, bool isTransfer)
    {
        step.Remember(new Voted(step.CurrentTerm.Next, step.Self.Node));
        step.Leader = null;
        step.ElectionTimer = TimerChange.Restart;
        Stand(step, new Candidacy(IsPreVote: false, isTransfer, Granted: []));
        foreach (var voter in OtherVoters(step))
            step.SendWhenDurable(voter.Id, voter.Incarnation, Request(step, step.CurrentTerm, step.Candidacy!));
    }

    public static void OwnVoteWritten(StepBuilder step, WriteMark mark)
    {
        // A write of an earlier term says nothing about the vote in this one.
        if (step.Candidacy is { IsPreVote: false } && mark.Term == step.CurrentTerm)
            Add(step, step.Self.Node);
    }

    public static void Count(StepBuilder step, Envelope envelope, VoteReply reply)
    {
        var candidacy = step.Candidacy!;
        var asked = candidacy.IsPreVote ? step.CurrentTerm.Next : step.CurrentTerm;
        // Whoever was asked before and now refuses has voted for another: the votes may be split, and a whole election timeout would be lost (§5.2). Should that
        // other have won, it is heard before the timer fires; and asking anew changes nobody's term.
        if (reply is { IsGranted: false, IsPreVote: false } && !candidacy.IsPreVote && reply.Term == asked)
            step.ElectionTimer = TimerChange.Hasten;
        if (reply.IsGranted
            && reply.IsPreVote == candidacy.IsPreVote
            && reply.Term == asked
            && step.Log.Configuration.Find(envelope.From) is { Kind: MemberKind.Voter } voter
            && Servers.IsSameLife(voter.Incarnation, envelope.FromIncarnation))
            Add(step, envelope.From);
    }

    private static void Stand(StepBuilder step, Candidacy candidacy)
    {
        step.Role = Role.Candidate;
        step.Candidacy = candidacy;
    }

    private static void Add(StepBuilder step, NodeId voter)
    {
        var candidacy = step.Candidacy!;
        if (candidacy.Granted.Contains(voter))
            return;
        step.Candidacy = candidacy with { Granted = candidacy.Granted.Add(voter) };
        Tally(step);
    }

    private static void Tally(StepBuilder step)
    {
        var candidacy = step.Candidacy!;
        var (voters, granted) = (0, 0);
        foreach (var voter in step.Log.Configuration.Voters)
        {
            voters++;
            if (candidacy.Granted.Contains(voter.Id))
                granted++;
        }

        if (granted < Quorum.Of(voters))
            return;
        if (candidacy.IsPreVote)
            Elect(step, isTransfer: false);
        else
            Leader.Begin(step);
    }

    private static IEnumerable<Member> OtherVoters(StepBuilder step) => step.Log.Configuration.Voters.Where(voter => voter.Id != step.Self.Node);

    private static RequestVote Request(StepBuilder step, Term term, Candidacy candidacy) => new(
        step.Self.Group, term, step.Log.LastIndex, step.Log.LastTerm, candidacy.IsPreVote, candidacy.IsTransfer);
}
