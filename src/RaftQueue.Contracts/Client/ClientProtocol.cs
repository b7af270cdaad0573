using System.Collections.Immutable;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Client;

/// <summary>What a client and a node's gateway say to each other. Requests and answers are matched by a number that the client chooses.</summary>
public interface IClientMessage;

/// <summary>A client asks what the cluster looks like; any node answers with <see cref="Welcome"/>.</summary>
/// <param name="CorrelationId">Repeated in the answer.</param>
/// <param name="WantsNews">Answer again, unasked and with the number 0, whenever the node hears of a new leader, for as long as the connection lasts.</param>
public sealed record Hello(long CorrelationId, bool WantsNews = false) : IClientMessage;

/// <summary>Where a node takes client requests.</summary>
/// <param name="Node">The node.</param>
/// <param name="Address">Its Akka address, such as <c>akka.tcp://raftqueue@10.0.0.1:7001</c>.</param>
public sealed record NodeAddress(NodeId Node, string Address);

/// <summary>Who leads a group, as far as the answering node knows.</summary>
/// <param name="Group">The group.</param>
/// <param name="Leader">Its leader, or null while there is none.</param>
/// <param name="Term">The term of that leader: of two claims the one of the higher term is newer. Zero where it is not known.</param>
/// <param name="Awaited">Without a leader: what the answering node waits for, as a sentence; empty where it has not found out yet.</param>
public sealed record GroupLeader(GroupId Group, NodeId? Leader, Term Term = default, string Awaited = "");

/// <summary>What the cluster looks like.</summary>
/// <param name="CorrelationId">Of the request; 0 where the node tells news.</param>
/// <param name="Groups">How many groups there are, with their leaders; a queue's group follows from its name (<see cref="QueueName.GroupOf"/>).</param>
/// <param name="Nodes">The nodes that are up.</param>
public sealed record Welcome(long CorrelationId, ImmutableArray<GroupLeader> Groups, ImmutableArray<NodeAddress> Nodes) : IClientMessage;

/// <summary>A command for the queue machine of a group. The bytes go into the log as they are.</summary>
/// <param name="CorrelationId">Repeated in the answer.</param>
/// <param name="Group">The group.</param>
/// <param name="Command">An encoded <see cref="ICommand"/>.</param>
public sealed record CommandRequest(long CorrelationId, GroupId Group, ReadOnlyMemory<byte> Command) : IClientMessage;

/// <summary>A linearizable question to a group.</summary>
/// <param name="CorrelationId">Repeated in the answer.</param>
/// <param name="Group">The group.</param>
/// <param name="Query">The question.</param>
public sealed record QueryRequest(long CorrelationId, GroupId Group, IQuery Query) : IClientMessage;

/// <summary>The answer to a <see cref="CommandRequest"/>, a <see cref="QueryRequest"/> or an <see cref="AdminRequest"/>.</summary>
/// <param name="CorrelationId">Of the request.</param>
/// <param name="Reply">The answer.</param>
public sealed record ClientReply(long CorrelationId, IReply Reply) : IClientMessage
{
    /// <summary>Who counts it until it is encoded; null for nobody. Not sent.</summary>
    internal IEncodingWatch? Watch { get; init; }
}

/// <summary>This node does not lead the group (any more): all writes go through the leader.</summary>
/// <param name="Group">The group.</param>
/// <param name="Leader">Where to ask instead, or null where nobody is known to lead.</param>
/// <param name="OutcomeUnknown">
/// The command was proposed before leadership was lost and may yet be committed: only an idempotent command may be retried. False: it was
/// not proposed.
/// </param>
public sealed record NotLeader(GroupId Group, NodeAddress? Leader, bool OutcomeUnknown) : IReply;

/// <summary>Deliveries for a streaming subscription.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription.</param>
/// <param name="Deliveries">In the order of delivery. A delivery can be sent again after a change of leader, with the same token.</param>
/// <param name="After">
/// Every lease of this consumer whose token is larger than this one and not larger than the last of <paramref name="Deliveries"/> is in
/// them, or has ended. 0 where what the consumer holds is sent from the beginning. A consumer that has not received everything up to here
/// has lost a push, and subscribes again.
/// </param>
public sealed record Deliver(QueueName Queue, ConsumerId Consumer, DeliveryBlock Deliveries, long After = 0) : IClientMessage
{
    /// <summary>Of those that are dead letters: where they came from and why, by sequence.</summary>
    public ImmutableArray<DeadLetter> DeadLetters { get; init; } = [];

    /// <summary>Who counts it until it is encoded; null for nobody. Not sent.</summary>
    internal IEncodingWatch? Watch { get; init; }
}

/// <summary>A subscription has ended without the consumer's will.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription.</param>
/// <param name="Reason">Why: the queue was deleted, or the consumer was silent for too long.</param>
public sealed record SubscriptionEnded(QueueName Queue, ConsumerId Consumer, Refused Reason) : IClientMessage;

/// <summary>One subscription, as its client sees it.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">The subscription.</param>
/// <param name="StartedThrough">The latest lease that the application has started to work on; 0 for none. Not logged; see <see cref="Unsubscribe"/>.</param>
public sealed record LiveSubscription(QueueName Queue, ConsumerId Consumer, long StartedThrough);

/// <summary>
/// The client is alive and has these subscriptions of a group. Sent regularly to the leader, and soon after a delivery was started; a subscription that is not
/// named for the session timeout is taken for gone. Not logged, not answered.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Subscriptions">The subscriptions.</param>
public sealed record KeepAlive(GroupId Group, ImmutableArray<LiveSubscription> Subscriptions) : IClientMessage;
