using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Load;

/// <summary>Observes who leads, and how all replicas are in the end.</summary>
public static class LeaderWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>Records every new leader until it is told to stop.</summary>
    public static async Task RunAsync(ServerCluster cluster, HistoryRecorder recorder, CancellationToken stop)
    {
        var latest = 0L;
        try
        {
            while (true)
            {
                var leader = (await cluster.StatusAsync(stop)).Where(status => status is { Role: "Leader" }).MaxBy(status => status!.Term);
                if (leader is not null && leader.Term.Value > latest)
                {
                    latest = leader.Term.Value;
                    recorder.Record(at => new LeaderSeen(at, leader.Node.Value, latest));
                }

                await Task.Delay(Interval, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // the run is over
        }
    }

    /// <summary>Waits until all replicas have applied the same, and records what they hold then, or at the end of the patience.</summary>
    public static async Task RecordReplicasAsync(ServerCluster cluster, HistoryRecorder recorder, TimeSpan patience, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + patience;
        while (true)
        {
            var all = await cluster.StatusAsync(cancellation);
            var isSettled = all.All(status => status is not null) && all.Select(status => status!.AppliedIndex).Distinct().Count() == 1;
            if (isSettled || DateTime.UtcNow > deadline)
            {
                foreach (var status in all.OfType<Contracts.Client.ReplicaStatus>())
                    recorder.Record(at => new ReplicaAtEnd(at, status.Node.Value, status.AppliedIndex.Value, status.Digest));
                return;
            }

            await Task.Delay(200, cancellation);
        }
    }
}
