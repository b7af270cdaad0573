using Akka.Actor;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Connection;

/// <summary>
/// Repeats calls until they are answered: at once after a redirect or the loss of a node, after a pause where a node is busy.
/// </summary>
internal sealed class CallActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ClockTick = TimeSpan.FromMilliseconds(50);

    // The last attempt ends with the call, and its end tells whether it was sent: worth waiting for a moment.
    private static readonly TimeSpan Grace = 4 * ClockTick;

    private readonly IActorRef _connection;
    private readonly Backoff _backoff;
    private readonly Ending _ending;
    private readonly Dictionary<long, Progress> _calls = [];
    private long _lastId;

    public CallActor(IActorRef connection, Backoff backoff, Ending ending)
    {
        (_connection, _backoff, _ending) = (connection, backoff, ending);
        Receive<Call>(Begin);
        Receive<AttemptAnswered>(OnAnswered);
        Receive<AttemptLost>(OnLost);
        Receive<RetryDue>(due => Try(due.Id));
        Receive<Clock>(_ => OnClock());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    public static Props Props(IActorRef connection, Backoff backoff, Ending ending) =>
        Akka.Actor.Props.Create(() => new CallActor(connection, backoff, ending));

    protected override void PreStart() => Timers.StartPeriodicTimer(Clock.Instance, Clock.Instance, ClockTick);

    protected override void PostStop() => _ending.End(new ObjectDisposedException(nameof(RaftQueueClient)));

    private void Begin(Call call)
    {
        _calls.Add(++_lastId, new Progress(call, Now + call.Timeout));
        Try(_lastId);
    }

    private void Try(long id)
    {
        if (!_calls.TryGetValue(id, out var progress))
            return;
        var left = progress.Deadline - Now;
        if (left <= TimeSpan.Zero || progress.Call.Completion.Task.IsCompleted)
        {
            Expire(id, progress);
            return;
        }

        var call = progress.Call;
        _connection.Tell(new Attempt(id, call.Target, call.Message, left < call.AttemptTimeout ? left : call.AttemptTimeout));
    }

    private void OnAnswered(AttemptAnswered answer)
    {
        if (!_calls.TryGetValue(answer.Tag, out var progress))
            return;
        switch (answer.Reply)
        {
            case NotLeader redirect:
                Note(progress, redirect.MayHaveHappened, RefusalCode.Unknown, $"group {redirect.Group} has {(redirect.Leader is null ? "no known leader" : $"moved to {redirect.Leader.Node}")}");
                // Where one certain node is asked, its replica is recovering: asked again at once, it would say the same, thousands of times a second.
                if (progress.Call.Target is Target.OneNode)
                    TryAfterPause(answer.Tag, progress);
                else
                    Try(answer.Tag);
                break;
            case Refused refused when Refusals.IsTransient(refused.Code):
                Note(progress, false, refused.Code, refused.Message);
                TryAfterPause(answer.Tag, progress);
                break;
            default:
                _calls.Remove(answer.Tag);
                progress.Call.Completion.TrySetResult(new CallResult(answer.Reply, progress.MayHaveHappened));
                break;
        }
    }

    private void TryAfterPause(long id, Progress progress) =>
        Timers.StartSingleTimer(id, new RetryDue(id), _backoff.PauseBefore(progress.Pauses++));

    private void OnLost(AttemptLost lost)
    {
        if (!_calls.TryGetValue(lost.Tag, out var progress))
            return;
        Note(progress, lost.WasSent, RefusalCode.Unknown, lost.Why);
        Try(lost.Tag);
    }

    private static void Note(Progress progress, bool mayHaveHappened, RefusalCode code, string problem)
    {
        progress.MayHaveHappened |= mayHaveHappened;
        (progress.LastCode, progress.LastProblem) = (code, problem);
        progress.Attempts++;
    }

    private void OnClock()
    {
        var now = Now;
        foreach (var (id, progress) in _calls.Where(call => call.Value.Deadline + Grace <= now || call.Value.Call.Completion.Task.IsCompleted).ToArray())
            Expire(id, progress);
    }

    private void Expire(long id, Progress progress)
    {
        Timers.Cancel(id);
        _calls.Remove(id);
        progress.Call.Completion.TrySetException(new RequestTimeoutException(
            progress.LastCode,
            $"Could not {progress.Call.What} within {progress.Call.Timeout.TotalSeconds:0.###} s and {progress.Attempts} failed attempts. Last problem: {progress.LastProblem}.",
            progress.MayHaveHappened));
    }

    private sealed class Progress(Call call, TimeSpan deadline)
    {
        public Call Call => call;

        public TimeSpan Deadline => deadline;

        public bool MayHaveHappened { get; set; }

        public int Attempts { get; set; }

        public int Pauses { get; set; }

        public RefusalCode LastCode { get; set; }

        public string LastProblem { get; set; } = "no node has answered";
    }

    private sealed record RetryDue(long Id);

    private sealed record Clock
    {
        public static readonly Clock Instance = new();
    }
}
