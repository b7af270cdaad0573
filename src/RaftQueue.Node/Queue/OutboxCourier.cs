using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Gateway;

namespace RaftQueue.Node.Queue;

/// <summary>Messages wait for this queue of another group.</summary>
internal sealed record OutboxFilled(QueueName Target);

/// <summary>What waits for this queue? Answered by <see cref="OutboxPacked"/> of the same number.</summary>
internal sealed record PackOutbox(QueueName Target, long Number);

/// <summary>What waits; null where nothing does any more.</summary>
internal sealed record OutboxPacked(long Number, Consignment? Consignment);

/// <summary>The other group has stored these. They are to leave the outbox; while more wait, <see cref="OutboxFilled"/> comes again.</summary>
internal sealed record OutboxArrived(Transferred Arrived);

/// <summary>An attempt to send what waits for this queue has failed; it is tried again.</summary>
internal sealed record OutboxDelayed(QueueName Target, string Why);

/// <summary>This replica leads no longer: its successor carries.</summary>
internal sealed record StopCarrying
{
    public static readonly StopCarrying Instance = new();
}

/// <summary>
/// Carries what waits in the outboxes of a group to the leaders of the groups where it belongs, as a client would: through the gateway of any node, following
/// redirects. One consignment a queue is on its way at a time, so that they arrive in order; what gets no answer, or a refusal, is packed and sent again after a pause.
/// Nothing here is durable: a new leader begins anew, and what arrives twice is stored once.
/// </summary>
internal sealed class OutboxCourier : ReceiveActor, IWithTimers
{
    private const int MaxTravelling = 8;
    private const int MaxRedirects = 3;
    private const int LoudAfter = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly GroupId _group;
    private readonly IActorRef _host;
    private readonly Func<NodeAddress?, ICanTell> _gatewayAt;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<QueueName, Errand> _errands = [];
    private readonly Dictionary<long, Errand> _travelling = [];
    private readonly Queue<Errand> _waiting = new();
    private long _lastNumber;

    /// <param name="group">The group whose outboxes these are.</param>
    /// <param name="host">Packs, and hears what has arrived.</param>
    /// <param name="gatewayAt">The gateway of a node; of this one where none is named.</param>
    public OutboxCourier(GroupId group, IActorRef host, Func<NodeAddress?, ICanTell> gatewayAt)
    {
        (_group, _host, _gatewayAt) = (group, host, gatewayAt);
        Receive<OutboxFilled>(filled => Take(filled.Target));
        Receive<OutboxPacked>(packed => Depart(packed));
        Receive<Welcome>(TryAnother);
        Receive<ClientReply>(Hear);
        Receive<Again>(again => TakeUp(again.Errand));
        Receive<StopCarrying>(_ => DropAll());
    }

    private enum Stage
    {
        Waiting,
        Travelling,
        Pausing,
        Confirming,
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(GroupId group, IActorRef host, Func<NodeAddress?, ICanTell> gatewayAt) =>
        Akka.Actor.Props.Create(() => new OutboxCourier(group, host, gatewayAt));

    /// <summary>The gateways as they are found in a running cluster.</summary>
    public static Func<NodeAddress?, ICanTell> GatewaysOf(ActorSystem system) => node => node is null
        ? system.ActorSelection(GatewayActor.Path)
        : ((ExtendedActorSystem)system).Provider.ResolveActorRef(node.Address + GatewayActor.Path);

    private void Take(QueueName target)
    {
        if (!_errands.TryGetValue(target, out var errand))
            _errands.Add(target, errand = new Errand(target) { Stage = Stage.Confirming });
        if (errand.Stage == Stage.Confirming)
            Wait(errand);
    }

    private void Wait(Errand errand)
    {
        Timers.Cancel(errand.Target);
        errand.Stage = Stage.Waiting;
        _waiting.Enqueue(errand);
        SendNext();
    }

    private void SendNext()
    {
        while (_travelling.Count < MaxTravelling && _waiting.TryDequeue(out var errand))
        {
            (errand.Stage, errand.Number, errand.Redirects) = (Stage.Travelling, ++_lastNumber, 0);
            _travelling.Add(errand.Number, errand);
            _host.Tell(new PackOutbox(errand.Target, errand.Number), Self);
            Remind(errand, Patience);
        }
    }

    private void Depart(OutboxPacked packed)
    {
        if (!_travelling.TryGetValue(packed.Number, out var errand))
            return;
        if (packed.Consignment is { } consignment)
        {
            errand.Request = new CommandRequest(errand.Number, consignment.Group, CommandCodec.Encode(consignment.Transfer));
            // What failed here may go well elsewhere: this node's own replica of that group may be down.
            _gatewayAt(null).Tell(errand.Failures == 0 ? errand.Request : new Hello(errand.Number), Self);
            return;
        }

        Timers.Cancel(errand.Target);
        _errands.Remove(errand.Target);
        Arrive(errand);
    }

    private void TryAnother(Welcome welcome)
    {
        if (_travelling.TryGetValue(welcome.CorrelationId, out var errand) && welcome.Nodes is { IsEmpty: false } nodes)
            _gatewayAt(nodes[errand.Failures % nodes.Length]).Tell(errand.Request, Self);
    }

    private void Hear(ClientReply answer)
    {
        if (!_travelling.TryGetValue(answer.CorrelationId, out var errand))
            return; // it came too late, and was sent again
        switch (answer.Reply)
        {
            case Transferred arrived:
                errand.Failures = 0;
                errand.Stage = Stage.Confirming;
                _host.Tell(new OutboxArrived(arrived), Self);
                Remind(errand, Patience); // the confirmation may be refused, while the log is busy
                Arrive(errand);
                break;
            case NotLeader { Leader: { } leader } when errand.Redirects++ < MaxRedirects:
                _gatewayAt(leader).Tell(errand.Request, Self);
                break;
            case Refused refused:
                Pause(errand, refused.Message);
                break;
            default:
                Pause(errand, "that group has no known leader.");
                break;
        }
    }

    private void TakeUp(Errand errand)
    {
        if (errand.Stage == Stage.Travelling)
            Pause(errand, $"no answer came within {Patience.TotalSeconds} s.");
        else
            Wait(errand);
    }

    private void Pause(Errand errand, string why)
    {
        if (++errand.Failures == LoudAfter)
            _log.Warning("Group {0}: messages for queue {1} wait in the outbox, and are sent until they arrive: {2}", _group, errand.Target, why);
        _host.Tell(new OutboxDelayed(errand.Target, why), Self);
        errand.Stage = Stage.Pausing;
        var pause = ShortestPause * Math.Pow(2, Math.Min(errand.Failures - 1, 10));
        Remind(errand, pause < LongestPause ? pause : LongestPause);
        Arrive(errand);
    }

    private void Arrive(Errand errand)
    {
        _travelling.Remove(errand.Number);
        SendNext();
    }

    private void Remind(Errand errand, TimeSpan after) => Timers.StartSingleTimer(errand.Target, new Again(errand), after);

    private void DropAll()
    {
        Timers.CancelAll();
        _errands.Clear();
        _travelling.Clear();
        _waiting.Clear();
    }

    /// <summary>The way to one queue.</summary>
    private sealed class Errand(QueueName target)
    {
        public QueueName Target { get; } = target;

        public Stage Stage { get; set; }

        /// <summary>Of the attempt.</summary>
        public long Number { get; set; }

        public CommandRequest Request { get; set; } = null!;

        public int Redirects { get; set; }

        /// <summary>Since something arrived.</summary>
        public int Failures { get; set; }
    }

    private sealed record Again(Errand Errand);
}
