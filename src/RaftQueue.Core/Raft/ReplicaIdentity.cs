using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>Which replica this is: it stays the same for as long as its data does.</summary>
/// <param name="Group">The group it replicates.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="Incarnation">The life of the node's data; always known.</param>
public sealed record ReplicaIdentity(GroupId Group, NodeId Node, Incarnation Incarnation);
