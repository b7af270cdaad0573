using Akka.Actor;
using Akka.Event;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// One streaming subscription. It is opened again whenever another node leads; deliveries that come twice are passed on once; what the
/// application has started is told to the leader; leases are kept alive while the application works (<c>ConsumerActor.Leases.cs</c>), and
/// decisions are committed together (<c>ConsumerActor.Settling.cs</c>).
/// </summary>
internal sealed partial class ConsumerActor : ReceiveActor, IWithTimers
{
    private readonly ConsumerSettings _settings;
    private readonly IActorRef _connection;
    private readonly Caller _caller;
    private readonly DeliveryBuffer _buffer;
    private readonly Ending _ending;
    private readonly ReceivedTokens _received = new();
    private readonly SortedDictionary<long, HeldDelivery> _held = [];
    private readonly ThrottledLog _throttled = new(Context.GetLogger(), TimeProvider.System);
    private readonly CancellationTokenSource _stopped = new();
    private bool _isSubscribing;
    private bool _hasToSubscribeAgain;
    private int _failures;
    private TaskCompletionSource? _closing;

    public ConsumerActor(IActorRef connection, Caller caller, ConsumerSettings settings, DeliveryBuffer buffer, Ending ending)
    {
        (_connection, _caller, _settings, _buffer, _ending) = (connection, caller, settings, buffer, ending);
        _settler = new Settler(settings.Queue, settings.Consumer);
        _lease = settings.Options.Lease;

        Receive<Deliver>(OnDeliver);
        Receive<SubscriptionEnded>(OnEnded);
        Receive<LeaderChanged>(_ => Subscribe());
        Receive<SubscribeDue>(_ => Subscribe());
        Receive<SubscribeAnswered>(OnSubscribeAnswered);
        Receive<LookAtStarted>(_ => _connection.Tell(new DeliveriesStarted(_settings.Consumer, _buffer.TakeStarted())));
        Receive<Close>(OnClose);
        Receive<Unsubscribing>(_ => Context.Stop(Self));
        Receive<Terminated>(_ => Context.Stop(Self));
        TendLeases();
        Settle();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    public static Props Props(IActorRef connection, Caller caller, ConsumerSettings settings, DeliveryBuffer buffer, Ending ending) =>
        Akka.Actor.Props.Create(() => new ConsumerActor(connection, caller, settings, buffer, ending));

    protected override void PreStart()
    {
        Context.Watch(_connection);
        _connection.Tell(new JoinConsumer(_settings.Queue, _settings.Consumer));
        Subscribe();
        LearnLease();
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
        _connection.Tell(new LeaveConsumer(_settings.Consumer));
        var closed = new ObjectDisposedException(nameof(Consumer<byte[]>), $"The consumer of '{_settings.Queue}' was closed before this message was settled.");
        _settler.FailAll(closed);
        _buffer.Complete(_closing is null ? closed : null);
        _ending.End(closed);
    }

    private void Subscribe()
    {
        if (_closing is not null)
            return;
        if (_isSubscribing)
        {
            _hasToSubscribeAgain = true; // the answer on its way may be from the leader before
            return;
        }

        (_isSubscribing, _hasToSubscribeAgain) = (true, false);
        _caller.CommandAsync(
                $"subscribe to queue '{_settings.Queue}'",
                new Subscribe(
                    _settings.Queue,
                    _settings.Consumer,
                    _settings.Options.Prefetch,
                    _settings.Options.Lease ?? TimeSpan.Zero,
                    _buffer.StartedThrough),
                TimeSpan.Zero,
                _stopped.Token)
            .PipeTo(Self, success: result => new SubscribeAnswered(result.Reply, null), failure: problem => new SubscribeAnswered(null, problem));
    }

    private void OnSubscribeAnswered(SubscribeAnswered answer)
    {
        _isSubscribing = false;
        switch (answer.Reply)
        {
            case Subscribed when _hasToSubscribeAgain:
                Subscribe();
                break;
            case Subscribed:
                _failures = 0;
                break;
            case null:
                // Not answered in time: the cluster is away. It may come back, and then the application goes on where it was.
                _throttled.Warning("subscription", null, $"The subscription to '{_settings.Queue}' is not open: {answer.Problem!.Message}");
                Timers.StartSingleTimer(SubscribeDue.Instance, SubscribeDue.Instance, _settings.Backoff.PauseBefore(_failures++));
                break;
            case Refused refused:
                End(Refusals.ToException(refused));
                break;
            default:
                End(Refusals.Unexpected<Subscribed>(answer.Reply));
                break;
        }
    }

    private void OnDeliver(Deliver push)
    {
        IReadOnlyList<Delivery> deliveries;
        try
        {
            deliveries = push.Deliveries.ToList(push.DeadLetters);
        }
        catch (FormatException problem)
        {
            End(new RaftQueueException(RefusalCode.Malformed, $"A push of deliveries from '{_settings.Queue}' cannot be read: {problem.Message}", problem));
            return;
        }

        if (_closing is not null)
            return;
        if (_received.IsMissingBefore(push))
        {
            _throttled.Log(LogLevel.InfoLevel, "lost push", null, $"A push of deliveries from '{_settings.Queue}' was lost; what the consumer holds is asked for again.");
            if (!_isSubscribing)
                Subscribe();
            return;
        }

        var now = Now;
        foreach (var delivery in deliveries.Where(delivery => _received.Add(delivery.Token)))
        {
            var held = new HeldDelivery(delivery, now) { Until = now + _lease };
            if (_buffer.TryAdd(held))
            {
                _held[delivery.Token] = held;
                continue;
            }

            _throttled.Warning(
                "credit", null, $"A delivery from '{_settings.Queue}' beyond the credit of {_settings.Options.Prefetch} is returned.");
            Return(delivery);
        }
    }

    /// <summary>The broker took this consumer for gone, so what it held is with others; or there is nothing to consume any more.</summary>
    private void OnEnded(SubscriptionEnded ended)
    {
        foreach (var held in _held.Values)
            held.TryDrop();
        _held.Clear();
        if (ended.Reason.Code == RefusalCode.UnknownConsumer)
            Subscribe();
        else
            End(Refusals.ToException(ended.Reason));
    }

    private void End(Exception problem)
    {
        _buffer.Complete(problem);
        Context.Stop(Self);
    }

    private void OnClose(Close close)
    {
        _closing = close.Done;
        // From here on nothing more can be handed over, so what the consumer says at its end is exact.
        foreach (var (token, held) in _held)
        {
            if (!held.TryDrop())
                _buffer.RaiseStarted(token);
        }

        UnsubscribeWhenSettled();
    }

    private void UnsubscribeWhenSettled()
    {
        if (_closing is null || !_settler.IsIdle)
            return;
        _caller.CommandAsync(
                $"unsubscribe from queue '{_settings.Queue}'",
                new Unsubscribe(_settings.Queue, _settings.Consumer, _buffer.StartedThrough),
                TimeSpan.Zero,
                _stopped.Token)
            .PipeTo(Self, success: _ => Unsubscribing.Over, failure: _ => Unsubscribing.Over);
    }

    /// <summary>The application has started more deliveries.</summary>
    internal sealed record LookAtStarted
    {
        public static readonly LookAtStarted Instance = new();
    }

    /// <summary>Commit what is decided, give back the rest, and stop.</summary>
    internal sealed record Close(TaskCompletionSource Done);

    private sealed record SubscribeAnswered(IReply? Reply, Exception? Problem);

    private sealed record SubscribeDue
    {
        public static readonly SubscribeDue Instance = new();
    }

    /// <summary>Unanswered is as good: a consumer that is silent is given up by itself.</summary>
    private sealed record Unsubscribing
    {
        public static readonly Unsubscribing Over = new();
    }
}
