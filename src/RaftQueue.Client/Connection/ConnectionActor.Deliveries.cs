using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Connection;

/// <summary>Deliveries on their way to consumers, and the signs of life that leaders want for them.</summary>
internal sealed partial class ConnectionActor
{
    // The sooner a leader knows what was started, the fewer deliveries count wrongly when the client dies; but not one frame for each
    // message.
    private static readonly TimeSpan StartReportGap = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<ConsumerId, Live> _consumers = [];
    private readonly HashSet<ConsumerId> _unreported = [];
    private TimeSpan _lastReport = -StartReportGap;

    private void ListenForDeliveries()
    {
        Receive<JoinConsumer>(join => _consumers[join.Consumer] = new Live(join.Queue, Sender));
        Receive<LeaveConsumer>(leave => _consumers.Remove(leave.Consumer));
        Receive<DeliveriesStarted>(OnStarted);
        Receive<Deliver>(deliver => PassOn(deliver.Consumer, deliver));
        Receive<SubscriptionEnded>(ended => PassOn(ended.Consumer, ended));
        Receive<KeepAliveDue>(_ =>
        {
            KeepAllAlive();
            GreetNextNode();
        });
        Receive<ReportDue>(_ => ReportStarted());
    }

    private void PassOn(ConsumerId consumer, IClientMessage message)
    {
        if (_consumers.TryGetValue(consumer, out var live))
            live.Actor.Tell(message);
        else
            _log.Debug("A {0} for the consumer {1} came after that had left.", message.GetType().Name, consumer);
    }

    /// <summary>An answer to a pull that has ended here. One that is still wanted is asked for again, and answered again.</summary>
    private void GiveBack(Received late)
    {
        if (_finder.Groups == 0 || _consumers.ContainsKey(late.Consumer))
            return;
        var end = CommandCodec.Encode(new Unsubscribe(late.Queue, late.Consumer, StartedThrough: 0));
        _gateways.At(_gateways.AddressOf(Sender)).Tell(new CommandRequest(++_lastCorrelationId, late.Queue.GroupOf(_finder.Groups), end), Self);
    }

    private void OnStarted(DeliveriesStarted started)
    {
        if (!_consumers.TryGetValue(started.Consumer, out var live) || live.StartedThrough >= started.Through)
            return;
        _consumers[started.Consumer] = live with { StartedThrough = started.Through };
        _unreported.Add(started.Consumer);
        var wait = _lastReport + StartReportGap - Now;
        if (wait <= TimeSpan.Zero)
            ReportStarted();
        else if (!Timers.IsTimerActive(ReportDue.Instance))
            Timers.StartSingleTimer(ReportDue.Instance, ReportDue.Instance, wait);
    }

    private void ReportStarted()
    {
        _lastReport = Now;
        SendKeepAlive(_consumers.Where(consumer => _unreported.Contains(consumer.Key)));
        _unreported.Clear();
    }

    private void KeepAllAlive()
    {
        SendKeepAlive(_consumers);
        // A leader that stepped down takes keep-alives without a word: ask, or an idle consumer would wait for ever.
        foreach (var leader in LiveGroups().Select(group => _finder.TryLeader(group, out var address) ? address : null).OfType<string>().Distinct())
            Probe(leader);
        if (HasSubscriptionsWithoutLeader())
            LookForLeaders();
    }

    private void SendKeepAlive(IEnumerable<KeyValuePair<ConsumerId, Live>> consumers)
    {
        if (_finder.Groups == 0)
            return;
        foreach (var group in consumers.GroupBy(consumer => consumer.Value.Queue.GroupOf(_finder.Groups)))
        {
            if (!_finder.TryLeader(group.Key, out var address))
                continue;
            foreach (var several in group.Chunk(Bounds.MaxSubscriptionsPerKeepAlive))
                _gateways.At(address).Tell(new KeepAlive(group.Key, [.. several.Select(ToWire)]), Self);
        }
    }

    private void OnNewLeader(GroupId group)
    {
        Supersede(group);
        foreach (var live in _consumers.Values.Where(live => live.Queue.GroupOf(_finder.Groups) == group))
            live.Actor.Tell(new LeaderChanged(group));
    }

    private bool HasSubscriptionsWithoutLeader() => _finder.Groups > 0 && LiveGroups().Any(group => !_finder.TryLeader(group, out _));

    private IEnumerable<GroupId> LiveGroups() =>
        _finder.Groups == 0 ? [] : _consumers.Values.Select(live => live.Queue.GroupOf(_finder.Groups)).Distinct();

    private static LiveSubscription ToWire(KeyValuePair<ConsumerId, Live> consumer) =>
        new(consumer.Value.Queue, consumer.Key, consumer.Value.StartedThrough);

    private sealed record Live(QueueName Queue, IActorRef Actor, long StartedThrough = 0);

    private sealed record KeepAliveDue
    {
        public static readonly KeepAliveDue Instance = new();
    }

    private sealed record ReportDue
    {
        public static readonly ReportDue Instance = new();
    }
}
