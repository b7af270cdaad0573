using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Gateway;

/// <summary>A replica's leader, as the gateway tells clients.</summary>
internal sealed record LeaderKnown(GroupId Group, Term Term, NodeId? Leader);

/// <summary>What a group without a leader waits for, as a sentence; null where it has one.</summary>
internal sealed record LeaderAwaited(GroupId Group, string? Reason);

/// <summary>
/// Where clients come in: reads their requests, refuses what is malformed by name, and hands the rest to the replica of the group. Answers go from whoever has
/// them straight to the client.
/// </summary>
internal sealed class GatewayActor : ReceiveActor
{
    /// <summary>Where the gateway is, on every node.</summary>
    public const string Path = "/user/raftqueue/gateway";

    // Each is a reference; who comes later than so many finds out about a new leader by asking.
    private const int MaxListeners = 10_000;

    private readonly int _groups;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<GroupId, GroupStarted> _replicas = [];
    private readonly Dictionary<GroupId, ClientLane> _lanes = [];
    private readonly Dictionary<GroupId, LeaderKnown> _leaders = [];
    private readonly Dictionary<GroupId, string> _awaited = [];
    private readonly ThrottledLog _warnings;
    private readonly HashSet<IActorRef> _listeners = [];
    private readonly ClientLane _signs = new(maxCount: 1_024);
    private ImmutableDictionary<NodeId, KnownNode> _directory = ImmutableDictionary<NodeId, KnownNode>.Empty;

    /// <param name="groups">How many groups this node hosts.</param>
    public GatewayActor(int groups)
    {
        _groups = groups;
        _warnings = new ThrottledLog(_log, TimeProvider.System);

        Receive<CommandRequest>(TakeCommand);
        Receive<QueryRequest>(TakeQuery);
        Receive<AdminRequest>(request =>
            Route(request.Group, new AskAdmin(From(request.CorrelationId), request.Command) { Lane = LaneOf(request.Group) }));
        Receive<KeepAlive>(KeepAlive);
        Receive<InboundMark>(mark => mark.Passage.End());
        Receive<Hello>(Greet);
        Receive<Unreadable>(RefuseUnreadable);

        Receive<GroupStarted>(Register);
        Receive<Terminated>(gone => Unregister(gone.ActorRef));
        Receive<LeaderKnown>(Learn);
        Receive<LeaderAwaited>(Learn);
        Receive<DirectoryChanged>(changed => _directory = changed.Nodes);
        Receive<DisassociatedEvent>(lost => Lose(lost.RemoteAddress));
        Receive<AssociationErrorEvent>(lost => Lose(lost.RemoteAddress));
    }

    /// <inheritdoc />
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
    }

    /// <inheritdoc />
    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void TakeCommand(CommandRequest request)
    {
        var origin = From(request.CorrelationId);
        try
        {
            var command = CommandCodec.Decode(request.Command);
            if (Misroute(command, request.Group) is { } refusal)
                origin.Answer(refusal, Self);
            else
                Route(request.Group, ProposalOf(origin, request, command));
        }
        catch (MalformedException malformed)
        {
            origin.Answer(new Refused(malformed.Code, malformed.Message), Self);
        }
    }

    private ProposeCommand ProposalOf(Origin origin, CommandRequest request, ICommand command)
    {
        var located = Locator.Locate(command, request.Group, _groups);
        return new ProposeCommand(origin, located.Equals(command) ? request.Command : CommandCodec.Encode(located), located) { Lane = LaneOf(request.Group) };
    }

    private void TakeQuery(QueryRequest request)
    {
        var origin = From(request.CorrelationId);
        try
        {
            QueryBounds.Check(request.Query);
            Route(request.Group, new AskQuery(origin, request.Query) { Lane = LaneOf(request.Group) });
        }
        catch (MalformedException malformed)
        {
            origin.Answer(new Refused(malformed.Code, malformed.Message), Self);
        }
    }

    private void Route(GroupId group, IClientWork work)
    {
        if (_replicas.TryGetValue(group, out var replica) && work.Lane?.TryEnter(work.Weight) == true)
            replica.Raft.Tell(work, Sender);
        else if (replica is not null)
            work.Origin.Answer(Busy(group), Self);
        else if (group.Value < 0 || group.Value >= _groups)
            work.Origin.Answer(NoSuchGroup(group), Self);
        else
            work.Origin.Answer(new NotLeader(group, null, OutcomeUnknown: false), Self); // its replica is recovering
    }

    private ClientLane? LaneOf(GroupId group) => _lanes.GetValueOrDefault(group);

    // A sign of life is not answered: one that finds no room is lost, and the next one counts.
    private void KeepAlive(KeepAlive alive)
    {
        if (_replicas.TryGetValue(alive.Group, out var replica) && _signs.TryEnter(0))
            replica.Queue.Tell(new ClientIsAlive(Sender, alive) { Lane = _signs });
    }

    private void Greet(Hello hello)
    {
        Sender.Tell(Welcome(hello.CorrelationId));
        if (!hello.WantsNews || _listeners.Count >= MaxListeners || !_listeners.Add(Sender))
            return;
        // A remote client is forgotten with its connection: a watch that times out would quarantine a client that only paused.
        if (Sender.Path.Address.HasLocalScope)
            Context.Watch(Sender);
    }

    // A client whose leader has fallen silent (it is paused, or cut off) would have to wait for a timeout of its own to look elsewhere.
    private void Learn(LeaderKnown known)
    {
        _leaders[known.Group] = known;
        if (known.Leader is null)
            return;
        var news = Welcome(correlationId: 0);
        foreach (var listener in _listeners)
            listener.Tell(news);
    }

    private void Learn(LeaderAwaited awaited)
    {
        if (awaited.Reason is { } reason)
            _awaited[awaited.Group] = reason;
        else
            _awaited.Remove(awaited.Group);
    }

    private Welcome Welcome(long correlationId) => new(
        correlationId,
        [.. Enumerable.Range(0, _groups).Select(i => new GroupId(i)).Select(Leadership)],
        [.. _directory.Values.Select(node => node.Address).OrderBy(address => address.Node)]);

    private GroupLeader Leadership(GroupId group) =>
        _leaders.TryGetValue(group, out var known) && known.Leader is not null
            ? new GroupLeader(group, known.Leader, known.Term)
            : new GroupLeader(group, null, known?.Term ?? default, _awaited.GetValueOrDefault(group) ?? (_replicas.ContainsKey(group) ? "" : "Its replica on this node is starting."));

    private void RefuseUnreadable(Unreadable unreadable)
    {
        var address = Sender.Path.Address;
        _warnings.Warning("unreadable", address.Host, $"{address} sent what cannot be read: {unreadable.Refusal.Message}");
        Sender.Tell(new ClientReply(0, unreadable.Refusal));
    }

    private void Register(GroupStarted started)
    {
        _replicas[started.Group] = started;
        _lanes[started.Group] = new ClientLane();
        Context.Watch(started.Raft);
    }

    private void Unregister(IActorRef gone)
    {
        _listeners.Remove(gone);
        foreach (var replica in _replicas.Values.Where(replica => replica.Raft.Equals(gone)).ToList())
        {
            _replicas.Remove(replica.Group);
            _lanes.Remove(replica.Group);
            _leaders.Remove(replica.Group);
        }
    }

    private void Lose(Address address)
    {
        _listeners.RemoveWhere(listener => listener.Path.Address == address);
        foreach (var replica in _replicas.Values)
            replica.Queue.Tell(new ClientLost(address));
    }

    private Origin From(long correlationId) => new(Sender, correlationId);

    private Refused? Misroute(ICommand command, GroupId group)
    {
        if (command is IQueueCommand { Queue: var queue } && queue.GroupOf(_groups) != group)
        {
            return new Refused(
                RefusalCode.Malformed,
                $"Queue {queue} belongs to group {queue.GroupOf(_groups)} of {_groups}, not to group {group}. All nodes need the same raftqueue.groups, and clients learn it from them.");
        }

        return command is ConfirmTransfer || (command is Transfer && !IsNode(Sender))
            ? new Refused(RefusalCode.Malformed, $"{command.GetType().Name} is for nodes among themselves.")
            : null;
    }

    private bool IsNode(IActorRef sender) =>
        sender.Path.Address.HasLocalScope || _directory.Values.Any(node => node.Address.Address == sender.Path.Address.ToString());

    private static Refused Busy(GroupId group) =>
        new(RefusalCode.Busy, $"The replica of group {group} has not taken up {ClientLane.DefaultCount} requests, or {ClientLane.DefaultBytes} bytes of them; try again shortly.");

    private Refused NoSuchGroup(GroupId group) => new(
        RefusalCode.OutOfBounds, $"Group {group} does not exist; this cluster has groups 0 to {_groups - 1} (raftqueue.groups).");
}
