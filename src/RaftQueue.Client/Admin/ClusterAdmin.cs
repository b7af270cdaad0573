using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Client.Admin;

/// <summary>
/// What operators ask of the cluster. Nodes are named as in their own configuration, groups counted from 0. A change that is refused throws
/// a <see cref="RaftQueueException"/> with <see cref="Contracts.Queue.RefusalCode.MembershipRefused"/>.
/// </summary>
public sealed class ClusterAdmin
{
    private readonly Caller _caller;
    private readonly IActorRef _connection;

    internal ClusterAdmin(Caller caller, IActorRef connection) => (_caller, _connection) = (caller, connection);

    /// <summary>How many Raft groups the cluster has.</summary>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<int> CountGroupsAsync(CancellationToken cancellation = default) =>
        _connection.Ask<int>(CountGroups.Instance, _caller.RequestTimeout, cancellation);

    /// <summary>The nodes that the cluster has told of, ordered by name. One of them may be down meanwhile.</summary>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<IReadOnlyList<NodeAddress>> ListNodesAsync(CancellationToken cancellation = default) =>
        (await _connection.Ask<NodeList>(ListNodes.Instance, _caller.RequestTimeout, cancellation).ConfigureAwait(false)).Nodes;

    /// <summary>How a node sees its replica of a group, from what it knows by itself: it may be behind, or wrong about the leader.</summary>
    /// <param name="node">The node.</param>
    /// <param name="group">The group.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public Task<ReplicaStatus> GetStatusAsync(string node, int group = 0, CancellationToken cancellation = default) =>
        _caller.AdminAsync<ReplicaStatus>($"get the status of node '{node}'", new Target.OneNode(Names.Node(node), Group(group)), GetStatus.Instance, cancellation);

    /// <summary>Lets a node join a group as a learner; it becomes a voter by itself once it has caught up.</summary>
    /// <param name="node">The node, which must be up.</param>
    /// <param name="group">The group.</param>
    /// <param name="cancellation">Stops waiting; the change may be made nevertheless.</param>
    /// <returns>The members now.</returns>
    public Task<Configuration> AddMemberAsync(string node, int group = 0, CancellationToken cancellation = default) =>
        ChangeAsync($"add '{node}' to group {group}", group, new AddMember(Names.Node(node)), cancellation);

    /// <summary>Makes a learner a voter now; refused while it lags behind.</summary>
    /// <inheritdoc cref="AddMemberAsync"/>
    public Task<Configuration> PromoteMemberAsync(string node, int group = 0, CancellationToken cancellation = default) =>
        ChangeAsync($"promote '{node}' in group {group}", group, new PromoteMember(Names.Node(node)), cancellation);

    /// <summary>Takes a node out of a group; a leader may be taken out too, and another then leads.</summary>
    /// <inheritdoc cref="AddMemberAsync"/>
    public Task<Configuration> RemoveMemberAsync(string node, int group = 0, CancellationToken cancellation = default) =>
        ChangeAsync($"remove '{node}' from group {group}", group, new RemoveMember(Names.Node(node)), cancellation);

    /// <summary>Hands the leadership of a group over.</summary>
    /// <param name="target">To whom; null for the most up-to-date voter.</param>
    /// <param name="group">The group.</param>
    /// <param name="cancellation">Stops waiting; leadership may go over nevertheless.</param>
    /// <returns>The new leader.</returns>
    public async Task<string> TransferLeadershipAsync(string? target = null, int group = 0, CancellationToken cancellation = default)
    {
        var transferred = await _caller.AdminAsync<LeadershipTransferred>(
            $"transfer the leadership of group {group}",
            new Target.LeaderOfGroup(Group(group)),
            new TransferLeadership(target is null ? null : Names.Node(target)),
            cancellation).ConfigureAwait(false);
        return transferred.Leader.Value;
    }

    private async Task<Configuration> ChangeAsync(string what, int group, IAdminCommand command, CancellationToken cancellation)
    {
        var changed = await _caller.AdminAsync<MembershipChanged>(what, new Target.LeaderOfGroup(Group(group)), command, cancellation).ConfigureAwait(false);
        return changed.Configuration;
    }

    private static GroupId Group(int group)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        return new GroupId(group);
    }
}
