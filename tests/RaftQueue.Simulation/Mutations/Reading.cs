using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>§8: a leader makes sure that it still leads before it answers a read.</summary>
public sealed class ReadWithoutRound : Mutation
{
    public override string Rule => "a read waits for a round of heartbeats (§8)";

    public override string Break => "an established leader answers reads at once";

    public override Step Step(Replica replica, Input input, TimeSpan now) => input is Input.Read read && replica.Leadership is { IsEstablished: true }
        ? new Step(replica) { Effects = [new Effect.ReadReady(read.ReadId, replica.CommitIndex)] }
        : base.Step(replica, input, now);
}

/// <summary>§8: a new leader does not know what is committed until its no-op is.</summary>
public sealed class ReadBeforeNoOp : Mutation
{
    public override string Rule => "a read waits for the leader's no-op (§8)";

    public override string Break => "a new leader answers reads from what it knows as committed";

    public override Step Step(Replica replica, Input input, TimeSpan now) => input is Input.Read read && replica.Leadership is { IsEstablished: false }
        ? new Step(replica) { Effects = [new Effect.ReadReady(read.ReadId, replica.CommitIndex)] }
        : base.Step(replica, input, now);
}

/// <summary>The answer to an old round proves nothing for a new one.</summary>
public sealed class OldRoundCounts : Mutation
{
    public override string Rule => "a round of another term proves nothing (§8)";

    public override string Break => "a refusal of an old append carries its old round in the new term";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        if (input is Input.Received { Envelope: { Message: Contracts.Raft.AppendReply answer } envelope }
            && replica.Leadership is { } leadership && answer.Round > leadership.Round)
        {
            var counted = base.Step(replica, Forge.Received(envelope, Forge.InRound(replica, answer)), now);
            return counted with { Next = Forge.Acknowledged(counted.Next, envelope.From, answer.Round) };
        }

        var step = base.Step(replica, input, now);
        if (input is not Input.Received { Envelope.Message: Contracts.Raft.AppendEntries append } || append.Term >= replica.CurrentTerm)
            return step;
        return step with
        {
            Send = [.. step.Send.Select(envelope => envelope.Message is Contracts.Raft.AppendReply reply
                ? envelope with { Message = reply with { Round = append.Round } }
                : envelope)],
        };
    }
}
