namespace RaftQueue.Contracts.Raft;

/// <summary>A node says to another who and where it is.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Incarnation">The life of its data.</param>
/// <param name="Address">Its Akka address, such as <c>akka.tcp://raftqueue@10.0.0.1:7001</c>.</param>
/// <param name="IsAnswerWanted">Whether the other is to introduce itself too.</param>
/// <param name="HearsNothing">Nothing has been heard of the other for a while, although it was asked: its end of the connection may be stuck.</param>
/// <param name="Uptime">How long it has been running when it says so, by its own monotonic clock.</param>
/// <param name="Groups">
/// The number of Raft groups that it is configured with: the same on all nodes of a cluster. 0 where it does not say.
/// </param>
public sealed record Introduction(
    NodeId Node,
    Incarnation Incarnation,
    string Address,
    bool IsAnswerWanted,
    bool HearsNothing = false,
    TimeSpan Uptime = default,
    int Groups = 0);
