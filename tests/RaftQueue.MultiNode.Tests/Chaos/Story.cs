using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.History;

namespace RaftQueue.MultiNode.Tests.Chaos;

/// <summary>A history made by hand, a line at a time; each line is 10 ms after the one before.</summary>
internal sealed class Story
{
    private readonly List<HistoryEvent> _events = [];
    private double _clock;
    private long _op;

    public IReadOnlyList<HistoryEvent> Events => _events;

    public Story Sent(string id, long sequence, string by = "p") => Sends([id], Outcome.Ok, [sequence], by);

    public Story SentInVain(string id, Outcome outcome, string by = "p") => Sends([id], outcome, null, by);

    public Story Sends(string[] ids, Outcome outcome, long[]? sequences, string by = "p")
    {
        _op++;
        Add(at => new Invoked(at, _op, by, ids.Length == 1 ? OperationKind.Send : OperationKind.Batch, "q", ids));
        return Add(at => new Completed(at, _op, outcome, sequences));
    }

    public Story Delivered(string id, long sequence, long token, string to = "c", double leaseFrom = 0, int? count = null)
    {
        var before = _events.OfType<Delivered>().Where(delivered => delivered.Sequence == sequence).DistinctBy(delivered => delivered.Token);
        var times = count ?? before.Count() + 1;
        return Add(at => new Delivered(at, to, "q", sequence, token, id, times, (leaseFrom == 0 ? at : leaseFrom) + 5_000, 5_000));
    }

    public Story Acked(long sequence, long token, Outcome outcome = Outcome.Ok) => Settled(OperationKind.Ack, sequence, token, outcome);

    public Story Released(long sequence, long token) => Settled(OperationKind.Release, sequence, token, Outcome.Ok);

    public Story Fault(string kind, Stage stage, bool withoutMajority = false) => Add(at => new FaultStage(at, 1, kind, ["n1"], stage, withoutMajority));

    public Story Left(long count, params string[] ids) => Add(at => new QueueAtEnd(at, "q", count, ids));

    public Story DeadLettered(params string[] ids) => Add(at => new DeadLettersAtEnd(at, "q", ids));

    public Story Replica(string node, long applied, string digest) => Add(at => new ReplicaAtEnd(at, node, applied, digest));

    public Story Stuck(string what) => Add(at => new Stuck(at, what));

    public Story Later(double milliseconds)
    {
        _clock += milliseconds;
        return this;
    }

    public IReadOnlyList<string> BrokenRules() => [.. HistoryChecker.Check(_events).Select(violation => violation.Rule).Distinct()];

    private Story Settled(OperationKind kind, long sequence, long token, Outcome outcome)
    {
        _op++;
        Add(at => new Invoked(at, _op, "c", kind, "q", Sequence: sequence, Token: token));
        return Add(at => new Completed(at, _op, outcome));
    }

    private Story Add(Func<double, HistoryEvent> happened)
    {
        _clock += 10;
        _events.Add(happened(_clock));
        return this;
    }
}
