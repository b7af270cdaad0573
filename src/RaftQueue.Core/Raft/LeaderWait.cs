using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>Says in words what a replica waits for that knows no leader: for the log of its node, and for clients.</summary>
public static class LeaderWait
{
    // Names of a few nodes say enough; a text of this is part of an answer to clients.
    private const int MaxNames = 10;

    /// <summary>What it waits for, as a sentence; null where it knows a leader.</summary>
    public static string? ReasonOf(Replica replica)
    {
        if (replica.Leader is not null)
            return null;
        if (!replica.Log.IsBlank)
            return $"There is no leader: to elect one takes a majority of {Names(replica.Log.Configuration.Voters.Select(voter => voter.Id))}.";
        if (replica.KnowsOfGroup || replica.RollCall is { Settled.IsEmpty: false })
            return "Other nodes have data of this cluster, and this one has none: it waits for their leader to take it in.";
        if (replica.Options.FirstMembers.IsEmpty)
            return $"This node has no data and no first members: it waits to be added to a cluster (member add {replica.Self.Node}).";
        return Founding(replica);
    }

    private static string Founding(Replica replica)
    {
        var members = replica.Options.FirstMembers;
        var founder = members.Min();
        var all = $"The first start needs all of {Names(members)}.";
        if (founder != replica.Self.Node)
            return $"Founding the cluster is up to {founder}, which has not done it yet. {all}";
        var answered = replica.RollCall?.Blank.Select(member => member.Id) ?? [];
        return $"Founding the cluster waits for {Names(members.Except(answered).Where(node => node != replica.Self.Node))}. {all}";
    }

    private static string Names(IEnumerable<NodeId> nodes)
    {
        var names = nodes.Order().Select(node => node.Value).ToList();
        return names.Count > MaxNames ? $"{string.Join(", ", names.Take(MaxNames))} and {names.Count - MaxNames} others" : string.Join(", ", names);
    }
}
