using System.Collections.Immutable;
using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Node.Peers;

/// <summary>A node that has introduced itself.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="Incarnation">The life of its data.</param>
internal sealed record KnownNode(NodeAddress Address, Incarnation Incarnation);

/// <summary>Where the nodes are, as far as known, this one included.</summary>
internal sealed record DirectoryChanged(ImmutableDictionary<NodeId, KnownNode> Nodes);

/// <summary>The replica of a group is there, and hears what is meant for it; until <paramref name="Raft"/> terminates.</summary>
internal sealed record GroupStarted(GroupId Group, IActorRef Raft, IActorRef Queue);
