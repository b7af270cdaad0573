using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Rules for servers (Figure 2, "All Servers"): whom a message is meant for, higher terms, and who may campaign.</summary>
internal static class Servers
{
    public static void Receive(StepBuilder step, Envelope envelope)
    {
        if (envelope.To != step.Self.Node || envelope.Message.Group != step.Self.Group)
            return;
        if (MessageBounds.Objection(step, envelope.Message) is { } objection)
        {
            step.Perform(new Effect.MessageRefused(envelope.From, $"{envelope.Message.GetType().Name}: {objection}"));
            return;
        }

        Founder.Notice(step, envelope);
        if (envelope.ToIncarnation.IsKnown && envelope.ToIncarnation != step.Self.Incarnation)
            OtherLife.Answer(step, envelope);
        else
            Dispatch(step, envelope);
    }

    /// <summary>A term that is over does not come back: whoever hears of a higher one is its follower (§5.1).</summary>
    public static void BecomeFollower(StepBuilder step, Term term, NodeId? leader)
    {
        if (term > step.CurrentTerm)
            step.Remember(new Voted(term, VotedFor: null));
        if (step.Role == Role.Leader)
            Leader.StepDown(step);
        if (step.Role != Role.Follower)
            step.ElectionTimer = TimerChange.Restart;
        step.Role = Role.Follower;
        step.Candidacy = null;
        step.Leader = leader;
    }

    /// <summary>Whether this server's latest configuration, or the one before it while that is not committed, lets it seek leadership.</summary>
    public static bool MayCampaign(StepBuilder step)
    {
        // There is no term after the largest: a group in it elects nobody any more, and its operator has to restore it.
        if (step.CurrentTerm >= Term.Largest)
            return false;
        // Who cannot apply the machine version in force could lead, but not serve.
        if (step.Options.MachineVersion < step.Log.MachineVersion)
            return false;
        if (IsVoter(step, step.Log.Configuration))
            return true;
        // A server that is being removed may still be the only one with the log to finish its removal (dissertation, §4.2.2).
        var latest = step.Log.ConfigurationIndex;
        return latest > step.CommitIndex && IsVoter(step, step.Log.ConfigurationAt(latest.Previous));
    }

    /// <summary>Whether a configuration counts this server, in this life, in its majorities.</summary>
    public static bool IsVoter(StepBuilder step, Configuration configuration) =>
        configuration.Find(step.Self.Node) is { Kind: MemberKind.Voter } member && IsSameLife(member.Incarnation, step.Self.Incarnation);

    /// <summary>Whether what is known of a member's life agrees with the life that spoke.</summary>
    public static bool IsSameLife(Incarnation known, Incarnation speaker) => !known.IsKnown || known == speaker;

    /// <summary>Commits and hands out entries; a server that thereby left the group says so.</summary>
    public static ImmutableArray<Entry> CommitThrough(StepBuilder step, LogIndex index)
    {
        var before = step.CommitIndex;
        var committed = step.CommitThrough(index);
        var settled = step.Log.ConfigurationIndex;
        if (settled > before && settled <= index && IsMember(step, before) && !IsMember(step, settled))
            step.Perform(new Effect.Removed());
        return committed;
    }

    /// <summary>A snapshot of our own machine is stored, so the log before it may go (§7).</summary>
    public static void Compact(StepBuilder step, Input.SnapshotStored stored)
    {
        // A snapshot of the leader may have overtaken our own while it was being stored.
        if (stored.Meta.LastIncludedIndex <= step.Log.Snapshot.LastIncludedIndex)
            return;
        if (stored.Meta.LastIncludedIndex > step.LastApplied)
            throw new InvariantViolation($"A snapshot at {stored.Meta.LastIncludedIndex} was taken, but only entries through {step.LastApplied} were handed out.");
        step.Remember(new LogCompacted(stored.Meta, LogIndex.Min(stored.CompactThrough, stored.Meta.LastIncludedIndex)));
    }

    /// <summary>What only a leader can do is refused by name, so that nobody waits.</summary>
    public static void RefuseLeadersWork(StepBuilder step, Input input)
    {
        switch (input)
        {
            case Input.Propose:
                step.Perform(new Effect.ProposalRefused(IsBusy: false));
                break;
            case Input.Read read:
                step.Perform(new Effect.ReadRefused(read.ReadId));
                break;
            case Input.Transfer transfer:
                step.Perform(new Effect.RequestEnded(transfer.RequestId, NotLeading(step)));
                break;
            case Input.ChangeMembers change:
                step.Perform(new Effect.RequestEnded(change.RequestId, NotLeading(step)));
                break;
            case Input.Heartbeat or Input.SnapshotChunkRead:
                break; // left over from a leadership that has ended
            default:
                throw new InvalidOperationException($"The rules know no input of the kind {input.GetType().Name}.");
        }
    }

    private static string NotLeading(StepBuilder step) =>
        step.Leader is { } leader ? $"{step.Self.Node} does not lead; ask {leader}." : $"{step.Self.Node} does not lead, and knows no leader now.";

    private static bool IsMember(StepBuilder step, LogIndex at) =>
        step.Log.ConfigurationAt(at).Find(step.Self.Node) is { } member && IsSameLife(member.Incarnation, step.Self.Incarnation);

    private static void Dispatch(StepBuilder step, Envelope envelope)
    {
        switch (envelope.Message)
        {
            case RequestVote request:
                Voter.Answer(step, envelope, request);
                break;
            case FoundingCall:
                Founder.Answer(step, envelope);
                break;
            case FoundingReply reply:
                Founder.Count(step, envelope, reply);
                break;
            default:
                Hear(step, envelope);
                break;
        }
    }

    private static void Hear(StepBuilder step, Envelope envelope)
    {
        var message = envelope.Message;
        // A granted pre-vote names the term that was asked about, not one that anybody is in.
        if (message.Term > step.CurrentTerm && message is not VoteReply { IsPreVote: true, IsGranted: true })
            BecomeFollower(step, message.Term, leader: null);
        switch (message)
        {
            case AppendEntries append:
                Follower.Append(step, envelope, append);
                break;
            case InstallSnapshot chunk:
                FollowerSnapshots.Install(step, envelope, chunk);
                break;
            case TimeoutNow now:
                Follower.TakeOver(step, envelope, now);
                break;
            case VoteReply reply when step.Role == Role.Candidate:
                Candidate.Count(step, envelope, reply);
                break;
            case AppendReply or SnapshotReply when step.Role == Role.Leader && message.Term == step.CurrentTerm:
                Leader.Hear(step, envelope);
                break;
            default:
                break; // an answer to who this server was before
        }
    }
}
