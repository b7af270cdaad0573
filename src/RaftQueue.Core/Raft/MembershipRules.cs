using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Which change of members may be made now, and which is due by itself. It only decides; <see cref="LeaderMembership"/> acts.</summary>
internal static class MembershipRules
{
    /// <summary>Whether another change may begin: the last one is committed, this leader knows what is, and it is not handing over.</summary>
    public static bool IsSettled(StepBuilder step) =>
        step.Lead.IsEstablished && step.Lead.Handover is null && step.Log.ConfigurationIndex <= step.CommitIndex;

    /// <summary>The configuration that a change leads to, or null and why not.</summary>
    public static string Decide(StepBuilder step, MembershipChange change, out Configuration? next)
    {
        next = null;
        if (!step.Lead.IsEstablished)
            return $"{step.Self.Node} has only just been elected and does not know yet what is committed; try again.";
        if (step.Lead.Handover is { } handover)
            return $"Leadership is being handed to {handover.Target}; ask the next leader.";
        if (step.Log.ConfigurationIndex > step.CommitIndex)
            return $"Another change of members, at {step.Log.ConfigurationIndex}, is not committed yet: one server at a time.";
        return change switch
        {
            MembershipChange.Add add => Add(step, add, out next),
            MembershipChange.Promote promote => Promote(step, promote.Node, out next),
            MembershipChange.Remove remove => Remove(step, remove.Node, out next),
            _ => throw new InvalidOperationException($"The rules know no change of members of the kind {change.GetType().Name}."),
        };
    }

    /// <summary>
    /// What is due: first to write down lives that were heard for the first time, then to take in the wiped as learners, then to promote who has caught up.
    /// </summary>
    public static Configuration? Due(StepBuilder step) => Bind(step) ?? Readmit(step) ?? PromoteCaughtUp(step);

    private static string Add(StepBuilder step, MembershipChange.Add add, out Configuration? next)
    {
        next = null;
        var configuration = step.Log.Configuration;
        var learner = new Member(add.Node, add.Incarnation, MemberKind.Learner);
        switch (configuration.Find(add.Node))
        {
            case null when configuration.Members.Length >= Bounds.MaxMembers:
                return $"Group {step.Self.Group} has {Bounds.MaxMembers} members, the most there may be; remove one first.";
            case null:
                next = configuration.With(learner);
                return "";
            case { } member when !add.Incarnation.IsKnown || Servers.IsSameLife(member.Incarnation, add.Incarnation):
                return $"{add.Node} is a member already: {configuration}.";
            case { Kind: MemberKind.Voter } when !SurvivesWithout(step, add.Node):
                return $"{add.Node} comes back with new data, but without its vote no majority of {configuration.Without(add.Node)} answers now.";
            default:
                next = configuration.With(learner);
                return "";
        }
    }

    private static string Promote(StepBuilder step, NodeId node, out Configuration? next)
    {
        next = null;
        var configuration = step.Log.Configuration;
        if (configuration.Find(node) is not { } member)
            return $"{node} is not a member of group {step.Self.Group}: {configuration}.";
        if (member.Kind == MemberKind.Voter)
            return $"{node} votes already.";
        var peer = step.Peers[LeaderReplication.PlaceOf(step, node)];
        if (!IsReady(step, member, peer))
        {
            var lag = step.Log.LastIndex - peer.MatchIndex;
            return $"{node} cannot vote yet: it lacks {lag} entries (at most {step.Options.PromotionLag} may be lacking), and must be heard and know machine version {step.Log.MachineVersion}.";
        }

        next = configuration.With(member with { Kind = MemberKind.Voter });
        return "";
    }

    private static string Remove(StepBuilder step, NodeId node, out Configuration? next)
    {
        next = null;
        var configuration = step.Log.Configuration;
        if (configuration.Find(node) is not { } member)
            return $"{node} is not a member of group {step.Self.Group}: {configuration}.";
        if (member.Kind == MemberKind.Voter && !SurvivesWithout(step, node))
            return $"Without {node} no majority of {configuration.Without(node)} answers now; the group would stand still.";
        next = configuration.Without(node);
        return "";
    }

    /// <summary>Writes down the lives of members that are heard for the first time: from then on a wiped one is found out.</summary>
    private static Configuration? Bind(StepBuilder step)
    {
        var configuration = step.Log.Configuration;
        var bound = configuration;
        foreach (var member in configuration.Members)
        {
            if (!member.Incarnation.IsKnown && LifeOf(step, member.Id) is { IsKnown: true } life)
                bound = bound.With(member with { Incarnation = life });
        }

        return ReferenceEquals(bound, configuration) ? null : bound;
    }

    /// <summary>A member that answers from another life has lost its data, and its promises with it: it starts again as a learner, if the others can do without its vote.</summary>
    private static Configuration? Readmit(StepBuilder step)
    {
        foreach (var peer in step.Peers)
        {
            if (peer.OtherLife.IsKnown
                && step.Log.Configuration.Find(peer.Node) is { } member
                && (member.Kind == MemberKind.Learner || SurvivesWithout(step, peer.Node)))
                return step.Log.Configuration.With(new Member(peer.Node, peer.OtherLife, MemberKind.Learner));
        }

        return null;
    }

    private static Configuration? PromoteCaughtUp(StepBuilder step)
    {
        foreach (var peer in step.Peers)
        {
            if (step.Log.Configuration.Find(peer.Node) is { Kind: MemberKind.Learner } member && IsReady(step, member, peer))
                return step.Log.Configuration.With(member with { Kind = MemberKind.Voter });
        }

        return null;
    }

    private static bool IsReady(StepBuilder step, Member member, Progress peer) =>
        member.Incarnation.IsKnown
        && !peer.OtherLife.IsKnown
        && peer.Phase == ProgressPhase.Replicate
        && peer.MachineVersion >= step.Log.MachineVersion
        && step.Now - peer.LastHeard <= step.Options.MinElectionTimeout
        && step.Log.LastIndex - peer.MatchIndex <= step.Options.PromotionLag;

    private static bool SurvivesWithout(StepBuilder step, NodeId node)
    {
        var rest = LeaderMembership.Voters(step).Where(voter => voter != node).ToArray();
        return rest.Length > 0 && Leader.Reaches(step, rest);
    }

    private static Incarnation LifeOf(StepBuilder step, NodeId node)
    {
        if (node == step.Self.Node)
            return step.Self.Incarnation;
        var place = LeaderReplication.PlaceOf(step, node);
        return place < 0 ? Incarnation.Unknown : step.Peers[place].Incarnation;
    }
}
