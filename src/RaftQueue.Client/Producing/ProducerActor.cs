using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Producing;

/// <summary>
/// Sends a producer's messages in order, each stored once. What waits while as many commands are on their way as may be goes together into the next one. After
/// trouble everything unconfirmed is sent again from the oldest on, with the same boundaries and numbers: the broker confirms again what it
/// has and refuses whatever would leave a gap.
/// </summary>
internal sealed partial class ProducerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);

    private readonly ProducerSettings _settings;
    private readonly IActorRef _connection;
    private readonly Ending _ending;
    private readonly WaitingRoom _waiting;
    private readonly List<Frame> _frames = [];
    private long _lastFrame;
    private readonly Dictionary<long, Frame> _byTag = [];
    private ProducerId _producer = ProducerId.New();
    private long _nextSequence = 1;
    private long _lastTag;
    private bool _isSendDue;
    private TaskCompletionSource? _flushed;

    public ProducerActor(IActorRef connection, ProducerSettings settings, Ending ending)
    {
        (_connection, _settings, _ending) = (connection, settings, ending);
        _waiting = new WaitingRoom(settings.Options.MaxFrameBytes);
        Receive<PendingSend>(Accept);
        Receive<AttemptAnswered>(OnAnswered);
        Receive<AttemptLost>(OnLost);
        Receive<SendDue>(_ =>
        {
            _isSendDue = false;
            SendNew();
        });
        Receive<RetryDue>(_ => SendAgain());
        Receive<Clock>(_ => OnClock());
        Receive<Flush>(OnFlush);
        Receive<Terminated>(_ => Context.Stop(Self));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    private int InFlight => _frames.Sum(frame => frame.Count);

    public static Props Props(IActorRef connection, ProducerSettings settings, Ending ending) =>
        Akka.Actor.Props.Create(() => new ProducerActor(connection, settings, ending));

    protected override void PreStart()
    {
        Context.Watch(_connection);
        Timers.StartPeriodicTimer(Clock.Instance, Clock.Instance, ClockTick);
    }

    protected override void PostStop()
    {
        foreach (var frame in _frames)
            frame.Fail(Closed("it was on its way, and may have been stored"));
        foreach (var send in _waiting.TakeAll())
            send.Fail(Closed("it was not sent"));
        _ending.End(Closed("it was not sent"));
    }

    private void Accept(PendingSend send)
    {
        send.Deadline = Now + _settings.SendTimeout;
        _waiting.Enter(send);
        if (_isSendDue)
            return;
        // What is already behind it in the mailbox goes along: a burst is one command, and not a first message alone and then the rest.
        _isSendDue = true;
        Self.Tell(SendDue.Instance);
    }

    /// <summary>
    /// Sends at once as long as there is room on the way, and collects from then on. Even a single message does not wait for the one before: were only full commands sent beside
    /// others, a short pause of the leader would cost what comes after it another round.
    /// </summary>
    private void SendNew()
    {
        while (!IsInTrouble && !_waiting.IsEmpty && HasRoomForFrame)
        {
            var sends = _waiting.TakeFrame(Room());
            if (sends.IsEmpty)
                break;

            var frame = new Frame(sends, ++_lastFrame);
            frame.Number(_settings.Queue, _producer, _nextSequence);
            _nextSequence += frame.Count;
            _frames.Add(frame);
            Send(frame);
        }

        if (_frames.Count == 0 && _waiting.IsEmpty)
            _flushed?.TrySetResult();
    }

    // A batch larger than the window goes when it is alone.
    private int Room() => _frames.Count == 0 && _waiting.StartsWithBatch
        ? Bounds.MaxMessagesPerCommand
        : _settings.Options.MaxInFlight - InFlight;

    // The broker remembers so many of a producer's latest commands: one whose answer was lost must still be among them when it is repeated.
    private bool HasRoomForFrame => _frames.Count == 0
        || (_frames.Count < _settings.Options.MaxFramesInFlight && _lastFrame - _frames[0].Ordinal + 1 < Bounds.MaxRememberedCommandsPerProducer);

    private void Send(Frame frame)
    {
        var tag = ++_lastTag;
        _byTag.Add(tag, frame);
        frame.Attempted(tag, isOldest: frame == _frames[0]);
        var command = frame.Command;
        _connection.Tell(new Attempt(tag, new Target.LeaderOfQueue(_settings.Queue), (id, group) => new CommandRequest(id, group, command), _settings.AttemptTimeout));
    }

    private void OnAnswered(AttemptAnswered answer)
    {
        if (!_byTag.TryGetValue(answer.Tag, out var frame))
            return;
        frame.Outcome.Answered(answer.Reply);
        if (answer.Reply is Enqueued stored)
            Confirm(frame, stored);
        else if (answer.Tag == frame.LatestTag)
            OnTrouble(frame, answer.Reply);
        SendNew();
    }

    private void Confirm(Frame frame, Enqueued stored)
    {
        Remove(frame);
        _troubles = 0;
        frame.Confirm(stored, refused => Refusals.ToException(refused));
        RenumberWhenSettled();
    }

    private void Remove(Frame frame)
    {
        _frames.Remove(frame);
        foreach (var tag in _byTag.Where(pair => pair.Value == frame).Select(pair => pair.Key).ToArray())
            _byTag.Remove(tag);
    }

    private void OnClock()
    {
        var now = Now;
        foreach (var send in _waiting.TakeOverdue(now))
            send.Fail(TimedOut(outcomeUnknown: false));
        // Its number is used: the frame goes on being retried, or nothing behind it could ever be confirmed. So its outcome stays unknown.
        foreach (var send in _frames.SelectMany(frame => frame.Sends).Where(send => send.Deadline <= now && !send.IsOver))
            send.Fail(TimedOut(outcomeUnknown: true));
        SendNew();
    }

    private void OnFlush(Flush flush)
    {
        _flushed = flush.Done;
        SendNew();
    }

    private RequestTimeoutException TimedOut(bool outcomeUnknown) => new(
        _lastTrouble.Code,
        $"A message to '{_settings.Queue}' was not confirmed within {_settings.SendTimeout.TotalSeconds:0.###} s; it {(outcomeUnknown ? "may have been stored, or may still be" : "was not sent")}. Last problem: {_lastTrouble.Message}.",
        outcomeUnknown);

    private ObjectDisposedException Closed(string fate) =>
        new(nameof(Producer<byte[]>), $"The producer of '{_settings.Queue}' was closed before this message was confirmed; {fate}.");

    /// <summary>Tell when everything sent so far is settled.</summary>
    internal sealed record Flush(TaskCompletionSource Done);

    private sealed record SendDue
    {
        public static readonly SendDue Instance = new();
    }

    private sealed record RetryDue
    {
        public static readonly RetryDue Instance = new();
    }

    private sealed record Clock
    {
        public static readonly Clock Instance = new();
    }
}
