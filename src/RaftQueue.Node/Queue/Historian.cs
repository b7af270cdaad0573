using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Snapshots;

namespace RaftQueue.Node.Queue;

/// <summary>Answer a question by the entries of its log through this index.</summary>
internal sealed record Replay(TellHistory Question, LogIndex Through);

/// <summary>
/// Tells what became of a message: replays the kept log on a machine of its own, on a thread of the pool, one question at a time. It starts from the oldest snapshot
/// that the log can still be replayed from, so history reaches back as far as the log does.
/// </summary>
internal sealed class Historian : ReceiveActor
{
    private const int MaxWaiting = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IActorRef _snapshots;
    private readonly Queue<Replay> _waiting = new();
    private bool _isBusy;

    /// <param name="snapshots">Keeps the machine's snapshots.</param>
    public Historian(IActorRef snapshots)
    {
        _snapshots = snapshots;
        Receive<Replay>(Take);
        Receive<Told>(Finish);
    }

    public static Props Props(IActorRef snapshots) => Akka.Actor.Props.Create(() => new Historian(snapshots));

    private void Take(Replay replay)
    {
        if (!_isBusy)
            Begin(replay);
        else if (_waiting.Count < MaxWaiting)
            _waiting.Enqueue(replay);
        else
            replay.Question.Origin.Answer(new Refused(RefusalCode.Busy, $"{MaxWaiting} questions of history wait for their answers already; try again shortly."), Self);
    }

    private void Begin(Replay replay)
    {
        _isBusy = true;
        TellAsync(replay).PipeTo(
            Self,
            success: reply => new Told(replay, reply),
            failure: problem => new Told(replay, new Refused(RefusalCode.Busy, $"The history could not be read: {problem.GetBaseException().Message}")));
    }

    private async Task<IReply> TellAsync(Replay replay)
    {
        var (question, log, through) = (replay.Question.Question, replay.Question.Log, replay.Through);
        var start = log.FirstIndex.Previous;
        var machine = start == LogIndex.Zero ? new QueueMachine() : await LoadAsync(start).ConfigureAwait(false);
        return await Task.Run(() => machine.Explain(question, log.Range(machine.AppliedIndex.Next, through))).ConfigureAwait(false);
    }

    private async Task<QueueMachine> LoadAsync(LogIndex start)
    {
        var loaded = await _snapshots.Ask<OldestMachine>(new LoadOldestMachine(start), Patience).ConfigureAwait(false);
        return loaded.Machine ?? throw new InvalidOperationException($"{loaded.Problem} Try again shortly.");
    }

    private void Finish(Told told)
    {
        told.Replay.Question.Origin.Answer(told.Reply, Self);
        _isBusy = false;
        if (_waiting.TryDequeue(out var next))
            Begin(next);
    }

    private sealed record Told(Replay Replay, IReply Reply);
}
