using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Clients;

/// <summary>Someone who asks nodes for something.</summary>
public interface IAsker
{
    /// <summary>A node answers.</summary>
    void Hear(NodeId from, ClientRequest request, IReply reply);
}

/// <summary>A command on its way from a client.</summary>
/// <param name="Asker">Who asks.</param>
/// <param name="Command">What for.</param>
/// <param name="Payload">The command's bytes, as they go into the log.</param>
public sealed record ClientRequest(IAsker Asker, ICommand Command, ReadOnlyMemory<byte> Payload);

/// <summary>The way between clients and nodes: slow, and sometimes an answer is lost though the deed is done.</summary>
public sealed class ClientLine(Schedule schedule, SeededRandom random, FaultCounts faults)
{
    private readonly Dictionary<ConsumerId, Consumer> _consumers = [];
    private readonly Dictionary<NodeId, SimulatedNode> _nodes = [];
    private readonly List<NodeId> _names = [];

    /// <summary>How likely an answer gets lost.</summary>
    public double LoseReply { get; set; }

    /// <summary>Connects a node.</summary>
    public void Connect(SimulatedNode node)
    {
        _nodes.Add(node.Id, node);
        _names.Add(node.Id);
    }

    /// <summary>Connects a consumer, so that deliveries find it.</summary>
    public void Connect(ConsumerId id, Consumer consumer) => _consumers.Add(id, consumer);

    /// <summary>Any node, for a client that knows of no leader.</summary>
    public NodeId AnyNode() => random.Pick(_names);

    /// <summary>A client asks a node.</summary>
    public void Ask(NodeId node, ClientRequest request) =>
        schedule.After(Delay(), () => _nodes[node].Life?.Soon(TimeSpan.Zero, life => life.Desk.Ask(request)));

    /// <summary>A node answers a client.</summary>
    public void Answer(NodeId node, ClientRequest request, IReply reply)
    {
        if (random.Chance(LoseReply))
        {
            faults.Add(Fault.ReplyLost);
            return;
        }

        schedule.After(Delay(), () => request.Asker.Hear(node, request, reply));
    }

    /// <summary>A node hands deliveries to a subscription.</summary>
    public void Deliver(NodeId node, Deliver deliveries)
    {
        if (random.Chance(LoseReply))
            faults.Add(Fault.ReplyLost);
        else if (_consumers.TryGetValue(deliveries.Consumer, out var consumer))
            schedule.After(Delay(), () => consumer.Receive(node, deliveries));
    }

    private TimeSpan Delay() => random.Between(TimeSpan.FromMilliseconds(0.2), TimeSpan.FromMilliseconds(3));
}
