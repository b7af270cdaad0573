using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Connection;

/// <summary>Who is to answer a request.</summary>
internal abstract record Target
{
    /// <summary>The leader of the group that a queue belongs to.</summary>
    public sealed record LeaderOfQueue(QueueName Queue) : Target;

    /// <summary>The leader of a group.</summary>
    public sealed record LeaderOfGroup(GroupId Group) : Target;

    /// <summary>One node, whether it leads or not.</summary>
    public sealed record OneNode(NodeId Node, GroupId Group) : Target;
}

/// <summary>Makes the message that goes over the wire, once it is known under which number and to which group.</summary>
internal delegate IClientMessage WireMessage(long correlationId, GroupId group);

/// <summary>
/// Send something once. The connection answers the sender with <see cref="AttemptAnswered"/> or <see cref="AttemptLost"/>; it waits for a
/// leader to be found, but it retries nothing: whoever sends knows what may be repeated, and in which order.
/// </summary>
/// <param name="Tag">Repeated in the answer.</param>
/// <param name="Target">Who is to answer.</param>
/// <param name="Message">What to send.</param>
/// <param name="Timeout">How long to wait for the answer, a leader's being found included.</param>
internal sealed record Attempt(long Tag, Target Target, WireMessage Message, TimeSpan Timeout);

/// <summary>The attempt was answered.</summary>
internal sealed record AttemptAnswered(long Tag, IReply Reply);

/// <summary>The attempt will not be answered.</summary>
/// <param name="Tag">Of the attempt.</param>
/// <param name="WasSent">It left this client, so it may have been carried out.</param>
/// <param name="Why">For people.</param>
internal sealed record AttemptLost(long Tag, bool WasSent, string Why);

/// <summary>How many groups the cluster has: asked of the connection with Akka's Ask.</summary>
internal sealed record CountGroups
{
    public static readonly CountGroups Instance = new();
}

/// <summary>Which nodes are there? Answered by <see cref="NodeList"/>.</summary>
internal sealed record ListNodes
{
    public static readonly ListNodes Instance = new();
}

/// <summary>The nodes that are known, ordered by name.</summary>
internal sealed record NodeList(ImmutableArray<NodeAddress> Nodes);
