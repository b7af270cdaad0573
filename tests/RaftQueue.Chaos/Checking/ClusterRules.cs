using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Checking;

/// <summary>While no majority is alive, nothing that was sent then is confirmed.</summary>
public sealed class NothingConfirmedWithoutMajority : IRule
{
    public string Name => "nothing is confirmed without a majority";

    public IEnumerable<string> Check(HistoryView history)
    {
        foreach (var fault in history.Faults.Where(stage => stage.WithoutMajority).GroupBy(stage => stage.Number))
        {
            var from = fault.FirstOrDefault(stage => stage.Stage == Stage.InForce)?.At ?? double.MaxValue;
            var until = fault.FirstOrDefault(stage => stage.Stage == Stage.Heals)?.At ?? double.MaxValue;
            foreach (var send in history.Sends.Where(send => send.Outcome == Outcome.Ok && send.Call.At > from && send.End!.At < until))
                yield return $"{send.Call.Ids![0]} was sent at {send.Call.At:0} ms and confirmed at {send.End!.At:0} ms, while {string.Join(", ", fault.First().Targets)} were away ({fault.First().Kind})";
        }
    }
}

/// <summary>At the end all replicas have applied as much, and hold the same.</summary>
public sealed class ReplicasAgree : IRule
{
    public string Name => "all replicas hold the same in the end";

    public IEnumerable<string> Check(HistoryView history)
    {
        if (history.Nodes > 0 && history.Replicas.Count != history.Nodes)
            yield return $"{history.Replicas.Count} of {history.Nodes} replicas reported at the end";
        if (history.Replicas.Select(replica => (replica.AppliedIndex, replica.Digest)).Distinct().Count() > 1)
            yield return string.Join(", ", history.Replicas.Select(replica => $"{replica.Node} has applied {replica.AppliedIndex} with digest {replica.Digest}"));
    }
}

/// <summary>When faults end, the cluster goes on, and what is in the queues comes out.</summary>
public sealed class ProgressAfterFaults : IRule
{
    public string Name => "the cluster goes on when faults end";

    public IEnumerable<string> Check(HistoryView history) => history.Stuck
        .Select(stuck => $"at {stuck.At:0} ms: {stuck.What}")
        .Concat(history.Left.Where(left => left.Left > 0).Select(left => $"{left.Left} messages could not be drained from {left.Queue}"));
}
