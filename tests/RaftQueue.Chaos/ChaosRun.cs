using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;
using RaftQueue.Chaos.History;
using RaftQueue.Chaos.Load;

namespace RaftQueue.Chaos;

/// <summary>What a run is to be.</summary>
/// <param name="Nodes">How many servers.</param>
/// <param name="Duration">How long faults are injected.</param>
/// <param name="Seed">Decides which.</param>
public sealed record ChaosPlan(int Nodes, TimeSpan Duration, int Seed)
{
    /// <summary>Messages a second over all producers.</summary>
    public double PerSecond { get; init; } = 300;

    /// <summary>Only these kinds of faults; empty for all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Where the history goes; null for memory only.</summary>
    public string? HistoryPath { get; init; }

    /// <summary>Keep the nodes' output in any case.</summary>
    public bool KeepsLogs { get; init; }
}

/// <summary>What came of a run.</summary>
/// <param name="Events">The history.</param>
/// <param name="Violations">What is wrong with it.</param>
/// <param name="Logs">Where the nodes' output is, where it was kept.</param>
public sealed record ChaosResult(IReadOnlyList<HistoryEvent> Events, IReadOnlyList<Violation> Violations, string? Logs);

/// <summary>A cluster under load and faults, from its first start to the verdict.</summary>
public static class ChaosRun
{
    // Small bounds, so that a short run takes snapshots, compacts its log and sends followers snapshots; a short back-off, so that it does not wait.
    private const string Hocon = """
        raftqueue.queue.snapshot-entries = 1500
        raftqueue.raft.kept-log = 256 KiB
        raftqueue.raft.journal-checkpoint = 1 MiB
        raftqueue.restart-backoff { min = 500ms, max = 3s }
        """;

    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan AgreePatience = TimeSpan.FromSeconds(30);

    /// <summary>Runs it.</summary>
    /// <param name="plan">What it is to be.</param>
    /// <param name="tell">Hears of faults and of what is skipped.</param>
    /// <param name="progress">Hears how far it is, from 0 to 1, and what is going on.</param>
    /// <param name="cancellation">Ends it without a verdict; nothing is left behind.</param>
    public static async Task<ChaosResult> ExecuteAsync(ChaosPlan plan, Action<string> tell, Action<double, string>? progress, CancellationToken cancellation)
    {
        var capabilities = Capabilities.Probe();
        var faults = Choose(plan, capabilities, tell);
        bool Uses<T>() => faults.Any(fault => fault is T);
        var cluster = await ServerCluster.StartAsync(
            new ClusterPlan(plan.Nodes, Uses<NetworkFault>(), Uses<FullDiskFault>(), Uses<ClockFault>(), Hocon), capabilities, cancellation);
        await using var _ = cluster;
        using var recorder = new HistoryRecorder(plan.HistoryPath);
        recorder.Record(at => new RunStarted(at, plan.Seed, plan.Nodes, cluster.Network.Name));
        try
        {
            await RunAsync(plan, cluster, recorder, faults, tell, progress, cancellation);
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            cluster.KeepLogs();
            tell($"the run failed; the nodes' output is in {cluster.KeptLogs}: {failure.Message}");
            throw;
        }

        var violations = HistoryChecker.Check(recorder.Events);
        if (violations.Count > 0 || plan.KeepsLogs)
            cluster.KeepLogs();
        return new ChaosResult(recorder.Events, violations, cluster.KeptLogs);
    }

    private static async Task RunAsync(
        ChaosPlan plan, ServerCluster cluster, HistoryRecorder recorder, IReadOnlyList<Fault> faults, Action<string> tell, Action<double, string>? progress, CancellationToken cancellation)
    {
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var watch = LeaderWatch.RunAsync(cluster, recorder, watching.Token);
        await using (var workload = await Workload.StartAsync(cluster, recorder, plan.PerSecond, plan.Seed, cancellation))
        {
            var conductor = new Conductor(cluster, recorder, faults, plan.Seed);
            conductor.Announced += tell;
            var until = TimeSpan.FromMilliseconds(recorder.Now) + plan.Duration;
            var conducting = conductor.RunAsync(until, cancellation);
            while (await Task.WhenAny(conducting, Task.Delay(500, CancellationToken.None)) != conducting)
                progress?.Invoke(Math.Min(1, recorder.Now / until.TotalMilliseconds), conductor.Doing);
            await conducting;
            progress?.Invoke(1, "the queues are drained");
            await workload.DrainAsync(DrainPatience, cancellation);
        }

        progress?.Invoke(1, "the replicas are compared");
        await LeaderWatch.RecordReplicasAsync(cluster, recorder, AgreePatience, cancellation);
        await watching.CancelAsync();
        await watch;
    }

    private static List<Fault> Choose(ChaosPlan plan, Capabilities capabilities, Action<string> tell)
    {
        var unknown = plan.Only.Except(FaultCatalog.All.Select(fault => fault.Kind)).ToList();
        if (unknown.Count > 0)
            throw new ArgumentException($"No fault is called {string.Join(" or ", unknown)}; there are {string.Join(", ", FaultCatalog.All.Select(fault => fault.Kind))}.");
        var chosen = FaultCatalog.All.Where(fault => plan.Only.Count == 0 || plan.Only.Contains(fault.Kind)).ToList();
        foreach (var skipped in chosen.Where(fault => fault.WhyNot(capabilities) is not null))
            tell($"skipped: {skipped.Kind}, because {skipped.WhyNot(capabilities)}");
        chosen.RemoveAll(fault => fault.WhyNot(capabilities) is not null);
        return chosen.Count > 0 ? chosen : throw new ArgumentException("None of the faults can be injected here.");
    }
}
