using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>Figure 2, persistent state: the vote survives a restart.</summary>
public sealed class ForgottenVote : Mutation
{
    public override string Rule => "the vote is remembered (§5.2)";

    public override string Break => "a restarted node has forgotten whom it voted for";

    public override IEnumerable<IRaftEvent> Recall(IEnumerable<IRaftEvent> events) =>
        events.Select(happened => happened is Voted voted ? voted with { VotedFor = null } : happened);
}

/// <summary>§5.2: a server votes for at most one candidate in a term.</summary>
public sealed class SecondVote : Mutation
{
    public override string Rule => "one vote per term (§5.2)";

    public override string Break => "a follower votes for whoever asks last";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var isAsked = input is Input.Received { Envelope.Message: RequestVote { IsPreVote: false } request }
            && replica.Role == Role.Follower && request.Term == replica.CurrentTerm;
        return base.Step(isAsked ? Forge.WithoutVote(replica) : replica, input, now);
    }
}

/// <summary>P3: what is spoken is on disk.</summary>
public sealed class VoteBeforeDisk : Mutation
{
    public override string Rule => "a vote waits for the disk";

    public override string Break => "votes leave at once";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        var early = step.SendWhenDurable.Where(envelope => envelope.Message is VoteReply).ToList();
        return step with { Send = step.Send.AddRange(early), SendWhenDurable = step.SendWhenDurable.RemoveRange(early) };
    }
}

/// <summary>§5.4.1: the voter denies its vote if its own log is more up-to-date.</summary>
public sealed class AnyLogMayLead : Mutation
{
    public override string Rule => "the vote goes to an up-to-date log (§5.4.1)";

    public override string Break => "voters do not compare logs";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        replica,
        input is Input.Received { Envelope: { Message: RequestVote request } envelope }
            ? Forge.Received(envelope, request with { LastLogTerm = new Term(long.MaxValue), LastLogIndex = new LogIndex(long.MaxValue) })
            : input,
        now);
}

/// <summary>§5.2: a candidate wins with votes from a majority.</summary>
public sealed class MinorityElects : Mutation
{
    public override string Rule => "a majority elects (§5.2)";

    public override string Break => "a candidate's own vote is enough";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        if (input is not Input.Written || replica.Candidacy is not { IsPreVote: false } candidacy)
            return base.Step(replica, input, now);
        var others = replica.Log.Configuration.Voters.Select(voter => voter.Id).Where(id => id != replica.Self.Node);
        return base.Step(Forge.With(replica, nameof(Replica.Candidacy), candidacy with { Granted = [.. others] }), input, now);
    }
}

/// <summary>A node whose data was wiped has forgotten its promises.</summary>
public sealed class WipedNodeVotes : Mutation
{
    public override string Rule => "a wiped node does not vote under its old identity";

    public override string Break => "votes are asked, given and counted without a look at incarnations";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        if (input is Input.Received { Envelope: { Message: RequestVote or VoteReply } envelope })
        {
            var known = replica.Log.Configuration.Find(envelope.From)?.Incarnation ?? Incarnation.Unknown;
            input = new Input.Received(envelope with
            {
                ToIncarnation = replica.Self.Incarnation,
                FromIncarnation = known.IsKnown ? known : envelope.FromIncarnation,
            });
        }

        return base.Step(replica, input, now);
    }
}

/// <summary>Learners do not vote.</summary>
public sealed class LearnerCounts : Mutation
{
    public override string Rule => "a learner does not count (dissertation, §4.2.1)";

    public override string Break => "a leader counts the acknowledgements of learners";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        if (replica.Leadership is { } leadership && input is Input.Received { Envelope.Message: AppendReply })
            replica = Forge.Leading(replica, nameof(Leadership.Peers), leadership.Peers.Select(peer => peer with { IsVoter = !peer.IsLeaving }).ToImmutableArray());
        return base.Step(replica, input, now);
    }
}
