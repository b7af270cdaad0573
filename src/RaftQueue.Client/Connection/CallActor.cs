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

    protected override void PostStop()
    {
        foreach (var progress in _calls.Values)
        {
            progress.Call.Completion.TrySetException(new ObjectDisposedException(
                nameof(RaftQueueClient), $"The client was closed before it could {progress.Call.What}. {progress.Claim}"));
        }

        _ending.End(new ObjectDisposedException(nameof(RaftQueueClient)));
    }

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
        progress.Outcome.Begin();
        _connection.Tell(new Attempt(id, call.Target, call.Message, left < call.AttemptTimeout ? left : call.AttemptTimeout));
    }

    private void OnAnswered(AttemptAnswered answer)
    {
        if (!_calls.TryGetValue(answer.Tag, out var progress))
            return;
        progress.Outcome.Answered(answer.Reply);
        switch (answer.Reply)
        {
            case NotLeader redirect:
                progress.Note(RefusalCode.Unknown, $"group {redirect.Group} has {(redirect.Leader is null ? "no known leader" : $"moved to {redirect.Leader.Node}")}");
                // Where one certain node is asked, its replica is recovering: asked again at once, it would say the same, thousands of times a second.
                if (progress.Call.Target is Target.OneNode)
                    TryAfterPause(answer.Tag, progress);
                else
                    Try(answer.Tag);
                break;
            case Refused refused when Refusals.IsTransient(refused.Code):
                progress.Note(refused.Code, refused.Message);
                TryAfterPause(answer.Tag, progress);
                break;
            default:
                _calls.Remove(answer.Tag);
                progress.Call.Completion.TrySetResult(new CallResult(answer.Reply, progress.Outcome.IsUnknown));
                break;
        }
    }

    private void TryAfterPause(long id, Progress progress) =>
        Timers.StartSingleTimer(id, new RetryDue(id), _backoff.PauseBefore(progress.Pauses++));

    private void OnLost(AttemptLost lost)
    {
        if (!_calls.TryGetValue(lost.Tag, out var progress))
            return;
        progress.Outcome.Lost(lost);
        progress.Note(RefusalCode.Unknown, lost.Why);
        Try(lost.Tag);
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
            $"Could not {progress.Call.What} within {progress.Call.Timeout.TotalSeconds:0.###} s, in {progress.Outcome.Attempts} attempt{(progress.Outcome.Attempts == 1 ? "" : "s")}. "
            + $"{progress.Claim} Last problem: {progress.LastProblem}.",
            progress.Outcome.IsUnknown));
    }

    private sealed class Progress(Call call, TimeSpan deadline)
    {
        public Call Call => call;

        public TimeSpan Deadline => deadline;

        public RequestOutcome Outcome { get; } = new();

        public int Pauses { get; set; }

        public RefusalCode LastCode { get; private set; }

        public string LastProblem { get; private set; } = "no node has answered";

        public string Claim => Outcome.IsUnknown ? "It may have been carried out." : "It was not carried out.";

        public void Note(RefusalCode code, string problem) => (LastCode, LastProblem) = (code, problem);
    }

    private sealed record RetryDue(long Id);

    private sealed record Clock
    {
        public static readonly Clock Instance = new();
    }
}
