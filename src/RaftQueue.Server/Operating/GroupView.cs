using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Server.Operating;

/// <summary>What the nodes that answer say of one group, taken together.</summary>
internal sealed class GroupView
{
    private GroupView(int group, IReadOnlyList<ReplicaStatus> replicas)
    {
        Group = group;
        Replicas = replicas;
    }

    public int Group { get; }

    /// <summary>Those that answered.</summary>
    public IReadOnlyList<ReplicaStatus> Replicas { get; }

    /// <summary>The leader by its own word, where nobody knows of a later term; null where there is none.</summary>
    public ReplicaStatus? Leader => Replicas.FirstOrDefault(replica => replica.Role == "Leader" && Replicas.All(other => other.Term <= replica.Term));

    /// <summary>Asks every known node about every group.</summary>
    public static async Task<IReadOnlyList<GroupView>> ReadAsync(RaftQueueClient client, CancellationToken stop)
    {
        var answers = await ClusterStatus.ReadAsync(client, stop);
        var groups = await client.Admin.CountGroupsAsync(stop);
        return [.. Enumerable.Range(0, groups).Select(group => new GroupView(
            group, [.. answers.Where(answer => answer.Group == group).Select(answer => answer.Status).OfType<ReplicaStatus>()]))];
    }

    /// <summary>
    /// Why the group cannot take the node in again with nothing: the others need a leader and a majority among themselves. Null where they can.
    /// </summary>
    public string? ObjectionToLosing(NodeId node)
    {
        if (Leader is not { } leader || leader.Node == node)
            return $"group {Group} has no leader among the other nodes; start them first.";
        var voters = leader.Members.Voters.Select(voter => voter.Id).Where(voter => voter != node).ToList();
        var following = voters.Where(voter => Replicas.Any(replica => replica.Node == voter && replica.Leader == leader.Node)).ToList();
        return following.Count > voters.Count / 2
            ? null
            : $"of {string.Join(", ", voters)}, which must do without {node} in group {Group}, only {following.Count} answer; a majority is needed. Start them first.";
    }
}
