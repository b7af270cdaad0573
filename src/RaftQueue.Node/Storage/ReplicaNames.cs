using RaftQueue.Contracts;

namespace RaftQueue.Node.Storage;

/// <summary>The persistence ids under which a replica's memory and its snapshots lie.</summary>
internal static class ReplicaNames
{
    /// <summary>The only number of a piece that is found by its name.</summary>
    public const long TheOnlyNumber = 1;

    public static string Log(NodeId node, GroupId group) => $"raftqueue/{node}/{group}/log";

    public static string Manifests(NodeId node, GroupId group) => $"{Snapshot(node, group)}/manifest";

    public static string Intents(NodeId node, GroupId group) => $"{Snapshot(node, group)}/intent";

    public static string Piece(NodeId node, GroupId group, string name) => $"{Snapshot(node, group)}/{name}";

    private static string Snapshot(NodeId node, GroupId group) => $"raftqueue/{node}/{group}/snapshot";
}
