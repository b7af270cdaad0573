using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Pattern;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Dispatching;
using RaftQueue.Node.Gateway;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node;

/// <summary>
/// The root of a node: starts the way out (<see cref="PeersActor"/>), the way in (<see cref="GatewayActor"/>) and the groups, each with a back-off above its journal.
/// </summary>
internal sealed class NodeActor : ReceiveActor
{
    private readonly RaftQueueSettings _settings;
    private readonly RaftSettings _raft;
    private readonly Incarnation _incarnation;
    private readonly PieceStore _pieces;
    private readonly TerminationSignal _signal;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly IActorRef _gateway;
    private readonly IActorRef _peers;
    private readonly Dictionary<IActorRef, string> _parts = [];
    private readonly Dictionary<GroupId, IActorRef> _replicas = [];
    private readonly HashSet<GroupId> _handingOver = [];
    private IActorRef _stopper = ActorRefs.Nobody;

    /// <param name="settings">The node's settings.</param>
    /// <param name="raft">How its groups run.</param>
    /// <param name="incarnation">The life of its data.</param>
    /// <param name="pieces">Where snapshots go.</param>
    /// <param name="supervisor">Watches this actor, and is watched by it.</param>
    /// <param name="signal">Where it reports that the node cannot go on.</param>
    public NodeActor(
        RaftQueueSettings settings,
        RaftSettings raft,
        Incarnation incarnation,
        PieceStore pieces,
        IActorRef supervisor,
        TerminationSignal signal)
    {
        (_settings, _raft, _incarnation, _pieces, _signal) = (settings, raft, incarnation, pieces, signal);
        Watch("what watches the parts of the node", supervisor);
        _gateway = Start("the gateway", Props.Create(() => new GatewayActor(settings.Groups)), "gateway");
        InboundGate.Of(Context.System).Open(Cluster.Get(Context.System).SelfAddress + GatewayActor.Path);
        var peers = Props.Create(() => new PeersActor(settings.Node, incarnation, settings.Groups, _gateway, signal)).WithDispatcher(RaftDispatcher.Id);
        _peers = Start("the connection to the other nodes", peers, "peers");
        for (var i = 0; i < settings.Groups; i++)
            Start($"what starts group {i}", Group(new GroupId(i), Self), $"group-{i}");

        Receive<GroupStarted>(Announce);
        Receive<Terminated>(gone => Forget(gone.ActorRef));
        Receive<HandOver>(_ => StartHandOver());
        Receive<HandedOver>(handed => EndHandOver(handed.Group));
    }

    /// <inheritdoc />
    /// <remarks>
    /// What a child knows, it was told once: a new instance would know no replica and no node, and look alive. So a child that fails at a
    /// message goes on without that message; one that cannot start, or is killed, stops, and the node with it.
    /// </remarks>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        maxNrOfRetries: -1,
        withinTimeMilliseconds: -1,
        localOnlyDecider: failure =>
        {
            var isFatal = failure is ActorInitializationException or ActorKilledException;
            _log.Error(failure, "{0}: {1}", isFatal ? "A part of the node stops" : "A message was dropped, because handling it failed", failure.Message);
            return isFatal ? Directive.Stop : Directive.Resume;
        },
        loggingEnabled: false);

    private IActorRef Start(string what, Props props, string name) => Watch(what, Context.ActorOf(props, name));

    private IActorRef Watch(string what, IActorRef part)
    {
        _parts[part] = what;
        return Context.Watch(part);
    }

    // Whatever stops a group (a disk that fails, damage, a broken invariant) stops it whole; it is tried again from what is on disk.
    private Props Group(GroupId group, IActorRef node)
    {
        var self = new ReplicaIdentity(group, _settings.Node, _incarnation);
        var (peers, bytes, start) = (_peers, _raft.CheckpointBytes, Starter(self, node));
        var journal = Props.Create(() => new RaftJournal(self, peers, bytes, start)).WithDispatcher(RaftDispatcher.Id);
        return BackoffSupervisor.Props(
            Backoff.OnStop(journal, "journal", _settings.MinRestartBackoff, _settings.MaxRestartBackoff, randomFactor: 0.2, maxNrOfRetries: -1)
                .WithDefaultStoppingStrategy());
    }

    private StartReplica Starter(ReplicaIdentity self, IActorRef node) => (memory, context) =>
    {
        var shelf = new SnapshotShelf(_pieces, self.Node, self.Group);
        var start = memory.Log.Snapshot.LastIncludedIndex > LogIndex.Zero ? memory.Log.Snapshot : null;
        var snapshots = context.ActorOf(Props.Create(() => new SnapshotKeeper(shelf)), "snapshots");
        var queue = context.ActorOf(Props.Create(() => new QueueHost(self.Group, _settings.Queue, snapshots, start, TimeProvider.System)), "queue");
        var neighbours = new RaftNeighbours(context.Self, _peers, queue, snapshots, _gateway, node);
        var raft = context.ActorOf(
            Props.Create(() => new RaftActor(self, memory, _raft, neighbours, TimeProvider.System, Random.Shared.NextDouble)).WithDispatcher(RaftDispatcher.Id),
            "raft");
        return new ReplicaActors(raft, queue, snapshots);
    };

    private void Announce(GroupStarted started)
    {
        _replicas[started.Group] = started.Raft;
        Context.Watch(started.Raft);
        _peers.Tell(started);
        _gateway.Tell(started);
    }

    private void Forget(IActorRef gone)
    {
        if (_parts.TryGetValue(gone, out var part))
            _signal.FailFor(part, gone);
        foreach (var (group, _) in _replicas.Where(replica => replica.Value.Equals(gone)).ToList())
        {
            _replicas.Remove(group);
            EndHandOver(group);
        }
    }

    private void StartHandOver()
    {
        _stopper = Sender;
        _handingOver.UnionWith(_replicas.Keys);
        foreach (var raft in _replicas.Values)
            raft.Tell(new HandOver());
        AnswerWhenHandedOver();
    }

    private void EndHandOver(GroupId group)
    {
        _handingOver.Remove(group);
        AnswerWhenHandedOver();
    }

    private void AnswerWhenHandedOver()
    {
        if (_handingOver.Count > 0)
            return;
        _stopper.Tell(NodeHandedOver.Instance);
        _stopper = ActorRefs.Nobody;
    }
}

/// <summary>This node leads no group any more.</summary>
internal sealed class NodeHandedOver
{
    public static readonly NodeHandedOver Instance = new();
}
