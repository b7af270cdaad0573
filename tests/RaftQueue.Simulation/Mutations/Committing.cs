using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>§5.4.2, Figure 8: only entries of the leader's own term commit by counting.</summary>
public sealed class OldTermCommitsByCounting : Mutation
{
    public override string Rule => "only the own term commits by counting (§5.4.2, Figure 8)";

    public override string Break => "a leader commits whatever a majority has";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        if (step.Next.Leadership is not { IsVoter: true } leadership)
            return step;
        var matches = Forge.Matches(leadership);
        return Forge.Committing(step, matches[matches.Length / 2]);
    }
}

/// <summary>§5.3: an entry is committed once it is on a majority of the servers.</summary>
public sealed class MinorityCommits : Mutation
{
    public override string Rule => "a majority commits (§5.3)";

    public override string Break => "one server short of a majority is enough";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        if (step.Next.Leadership is not { IsVoter: true } leadership)
            return step;
        var matches = Forge.Matches(leadership);
        var reached = matches[Math.Max(0, (matches.Length / 2) - 1)];
        return step.Next.Log.TermAt(reached) == step.Next.CurrentTerm ? Forge.Committing(step, reached) : step;
    }
}

/// <summary>P3: the leader's own match index waits for its disk.</summary>
public sealed class LeaderCountsItselfEarly : Mutation
{
    public override string Rule => "the leader counts itself when its disk has it";

    public override string Break => "the leader counts entries that are still on their way to its disk";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        replica.Leadership is null ? replica : Forge.Leading(replica, nameof(Leadership.DurableIndex), replica.Log.LastIndex), input, now);
}

/// <summary>P3: an acknowledgement survives a crash.</summary>
public sealed class AcknowledgedBeforeDisk : Mutation
{
    public override string Rule => "an acknowledgement waits for the disk";

    public override string Break => "append replies leave at once";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        var early = step.SendWhenDurable.Where(envelope => envelope.Message is AppendReply).ToList();
        return step with { Send = step.Send.AddRange(early), SendWhenDurable = step.SendWhenDurable.RemoveRange(early) };
    }
}

/// <summary>P3: a write that was issued in another term confirms nothing in this one.</summary>
public sealed class StaleWriteCounts : Mutation
{
    public override string Rule => "a completed write confirms only what it was issued for";

    public override string Break => "any completed write confirms everything up to now";

    public override Step Step(Replica replica, Input input, TimeSpan now) =>
        base.Step(replica, input is Input.Written ? new Input.Written(replica.Mark) : input, now);
}

/// <summary>§5.1: a reply of an old term is over with its term.</summary>
public sealed class StaleReplyCounts : Mutation
{
    public override string Rule => "a reply of an old term does not count (§5.1)";

    public override string Break => "acknowledgements of earlier terms count in this one";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        replica,
        input is Input.Received { Envelope: { Message: AppendReply { IsAccepted: true } reply } envelope } && reply.Term < replica.CurrentTerm
            ? Forge.Received(envelope, Forge.InRound(replica, reply with { Term = replica.CurrentTerm }))
            : input,
        now);
}

/// <summary>Figure 2, AppendEntries 5: min(leaderCommit, index of last new entry).</summary>
public sealed class CommitBeyondVerified : Mutation
{
    public override string Rule => "a follower commits only what an append has verified (Figure 2)";

    public override string Break => "a follower takes the leader's commit index as it is";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        var isFollowing = input is Input.Received { Envelope.Message: AppendEntries } && step.Next.Role == Role.Follower;
        if (!isFollowing || input is not Input.Received { Envelope: { Message: AppendEntries append } envelope } || step.Next.Leader != envelope.From)
            return step;
        return Forge.Committing(step, LogIndex.Min(append.LeaderCommit, step.Next.Log.LastIndex));
    }
}
