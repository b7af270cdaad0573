using Akka.Actor;
using Akka.Event;
using Akka.Remote;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Connection;

/// <summary>
/// The one actor of a client that nodes know: it sends every request and receives every answer and delivery. It knows who leads (<see
/// cref="LeaderFinder"/>), holds requests back while nobody does, and says at once when a node is gone.
/// </summary>
internal sealed partial class ConnectionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);

    private readonly ConnectionSettings _settings;
    private readonly ConnectProgress _progress;
    private readonly LeaderFinder _finder;
    private readonly Gateways _gateways;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly SortedDictionary<long, Exchange> _exchanges = [];
    private long _lastCorrelationId;
    private Queue<Parked> _parked = [];

    public ConnectionActor(ConnectionSettings settings, ConnectProgress progress)
    {
        _settings = settings;
        _progress = progress;
        _finder = new LeaderFinder(settings.Addresses);
        _gateways = new Gateways(((ExtendedActorSystem)Context.System).Provider);

        Receive<Attempt>(attempt => Begin(new Parked(attempt, Sender, Now + attempt.Timeout)));
        Receive<ClientReply>(OnReply);
        Receive<CountGroups>(_ => Sender.Tell(_finder.Groups));
        Receive<ListNodes>(_ => Sender.Tell(new NodeList([.. _finder.Nodes.Select(node => new NodeAddress(node.Key, node.Value)).OrderBy(node => node.Node)])));
        Receive<Clock>(_ => OnClock());
        ListenForNodes();
        ListenForDeliveries();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    public static Props Props(ConnectionSettings settings, ConnectProgress progress) =>
        Akka.Actor.Props.Create(() => new ConnectionActor(settings, progress));

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(RemotingLifecycleEvent));
        Context.System.EventStream.Subscribe(Self, typeof(PeerGreeted));
        Context.System.EventStream.Subscribe(Self, typeof(ConnectFailed));
        Timers.StartPeriodicTimer(Clock.Instance, Clock.Instance, ClockTick);
        Timers.StartPeriodicTimer(KeepAliveDue.Instance, KeepAliveDue.Instance, _settings.KeepAliveInterval);
        LookForLeaders();
    }

    /// <summary>A fresh connection would not know its consumers: better that the client fails loudly, by those who watch this actor.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        base.PreRestart(reason, message);
        Context.Stop(Self);
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        foreach (var exchange in _exchanges.Values)
            exchange.ReplyTo.Tell(new AttemptLost(exchange.Tag, WasSent: true, "the connection was closed"));
        foreach (var parked in _parked)
            parked.ReplyTo.Tell(new AttemptLost(parked.Attempt.Tag, WasSent: false, "the connection was closed"));
    }

    private void Begin(Parked parked)
    {
        var (attempt, replyTo, deadline) = parked;
        if (attempt.Target is Target.OneNode { Node: var node } && _finder.Groups > 0 && !_finder.Nodes.ContainsKey(node))
        {
            LookForLeaders(); // it may have started since we last looked around; whoever asks again will see
            replyTo.Tell(new AttemptAnswered(attempt.Tag, UnknownNode(node)));
            return;
        }

        if (!TryResolve(attempt.Target, out var group, out var address))
        {
            _parked.Enqueue(parked);
            LookForLeaders();
            return;
        }

        var correlationId = ++_lastCorrelationId;
        var message = attempt.Message(correlationId, group);
        if (RequestBounds.RefusalOf(message) is { } refusal)
        {
            replyTo.Tell(new AttemptAnswered(attempt.Tag, refusal));
            return;
        }

        _exchanges.Add(correlationId, new Exchange(attempt.Tag, group, address, replyTo, deadline, MayMove: attempt.Target is Target.LeaderOfQueue));
        _gateways.At(address).Tell(message, Self);
    }

    private bool TryResolve(Target target, out GroupId group, out string address)
    {
        (group, address) = (default, "");
        if (_finder.Groups == 0)
            return false;
        switch (target)
        {
            case Target.OneNode one:
                group = one.Group;
                return _finder.Nodes.TryGetValue(one.Node, out address!);
            case Target.LeaderOfGroup leader:
                group = leader.Group;
                return _finder.TryLeader(group, out address);
            case Target.LeaderOfQueue owner:
                group = owner.Queue.GroupOf(_finder.Groups);
                return _finder.TryLeader(group, out address);
            default:
                throw new InvalidOperationException($"No way to {target} is known.");
        }
    }

    private void OnReply(ClientReply message)
    {
        var isAwaited = _exchanges.Remove(message.CorrelationId, out var exchange);
        if (message.Reply is NotLeader redirect)
            OnRedirect(redirect, exchange?.Address ?? _gateways.AddressOf(Sender));
        else if (isAwaited)
            _finder.Confirm(exchange!.Group);

        if (isAwaited)
            exchange!.ReplyTo.Tell(new AttemptAnswered(exchange.Tag, message.Reply));
        else if (message.Reply is Received { Deliveries.Count: > 0 } late)
            GiveBack(late);
    }

    /// <summary>Sends what waited for a leader, in the order in which it came; what still has none waits on.</summary>
    private void Unpark()
    {
        var parked = _parked;
        _parked = new Queue<Parked>(parked.Count);
        foreach (var waiting in parked)
            Begin(waiting);
    }

    private void OnClock()
    {
        var now = Now;
        DropOverdueParked(now);
        DropSuperseded(now);
        foreach (var silent in _exchanges.Values.Where(exchange => exchange.Deadline <= now).Select(exchange => exchange.Address).Distinct().ToArray())
            Lose(silent, "it did not answer in time");
        LoseSilentNodes(now);
    }

    private void DropOverdueParked(TimeSpan now)
    {
        var overdue = _parked.Where(parked => parked.Deadline <= now).ToArray();
        if (overdue.Length == 0)
            return;
        _parked = new Queue<Parked>(_parked.Where(parked => parked.Deadline > now));
        foreach (var parked in overdue)
            parked.ReplyTo.Tell(new AttemptLost(parked.Attempt.Tag, WasSent: false, NoLeaderKnown(parked.Attempt.Target)));
    }

    private string NoLeaderKnown(Target target)
    {
        if (_finder.Groups == 0)
            return $"none of the nodes answered ({_progress.Description})";
        TryResolve(target, out var group, out _);
        var awaited = _finder.AwaitedBy(group);
        return awaited.Length > 0
            ? $"group {group} has no leader ({awaited})"
            : $"no leader of group {group} is known; asked were {string.Join(", ", _finder.Addresses)}";
    }

    private Refused UnknownNode(NodeId node) =>
        new(RefusalCode.OutOfBounds, $"No node '{node}' is up; known are {string.Join(", ", _finder.Nodes.Keys.Order())}.");

    /// <summary>A request that waits for its answer.</summary>
    /// <param name="Tag">Of the attempt.</param>
    /// <param name="Group">The group that it is for.</param>
    /// <param name="Address">Who is to answer.</param>
    /// <param name="ReplyTo">Who waits.</param>
    /// <param name="Deadline">When the node is taken for dead.</param>
    /// <param name="MayMove">It can be asked of another leader as well: a queue's work can, an operator's order (such as to hand leadership over) cannot.</param>
    /// <param name="GivenUpAt">When it is worth no more waiting, because another node leads by now; the node itself may be well.</param>
    private sealed record Exchange(
        long Tag, GroupId Group, string Address, IActorRef ReplyTo, TimeSpan Deadline, bool MayMove, TimeSpan? GivenUpAt = null);

    /// <summary>A request that waits for someone to send it to.</summary>
    private sealed record Parked(Attempt Attempt, IActorRef ReplyTo, TimeSpan Deadline);

    private sealed record Clock
    {
        public static readonly Clock Instance = new();
    }
}
