using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>A group is founded once: only when every member has said that it knows of none.</summary>
public sealed class FoundedByMajority : Mutation
{
    public override string Rule => "a group is founded when all its members have been heard";

    public override string Break => "a majority of blank servers founds a group, with whatever life the others may have";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        var members = replica.Options.FirstMembers;
        if (step.Next.RollCall is not { } roll || roll.Blank.Length + 1 < Quorum(members.Length) || !step.Next.Log.IsBlank)
            return step;
        foreach (var absent in members.Where(node => node != replica.Self.Node && roll.Blank.All(member => member.Id != node)))
        {
            var answer = new FoundingReply(replica.Self.Group, Term.Zero, IsBlank: true);
            var next = base.Step(step.Next, new Input.Received(new Envelope(absent, Incarnation.Unknown, replica.Self.Node, replica.Self.Incarnation, answer)), now);
            step = next with { Send = step.Send.AddRange(next.Send), Remember = step.Remember.AddRange(next.Remember), Effects = step.Effects.AddRange(next.Effects) };
        }

        return step;
    }

    private static int Quorum(int members) => (members / 2) + 1;
}

/// <summary>A newer machine version needs every voter.</summary>
public sealed class VersionUnasked : Mutation
{
    public override string Rule => "a machine version comes into force when every voter knows it";

    public override string Break => "a leader goes by its own version alone";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        input is Input.Heartbeat && replica.Leadership is { } leadership
            ? Forge.Leading(replica, nameof(Leadership.Peers), Forge.Knowing(leadership, replica.Options.MachineVersion))
            : replica,
        input,
        now);
}

/// <summary>A node's data is for the settings that it was made with.</summary>
public sealed class SettingForgotten : Mutation
{
    public override string Rule => "a node starts only with the number of groups that its data was made with";

    public override string Break => "a node starts with any number of groups";

    public override string? Objection(FixedSettings stored, FixedSettings configured) => null;
}
