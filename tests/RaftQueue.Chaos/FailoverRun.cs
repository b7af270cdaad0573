using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;
using RaftQueue.Chaos.History;
using RaftQueue.Chaos.Load;
using RaftQueue.Chaos.Reporting;
using RaftQueue.Client;

namespace RaftQueue.Chaos;

/// <summary>One way of losing the leader.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Fault">What happens to the leader.</param>
public sealed record LossOfLeader(string Name, Fault Fault);

/// <summary>What one loss of the leader cost.</summary>
/// <param name="Gap">The longest time between two confirms.</param>
/// <param name="WorstDelay">The longest that any send waited for its confirm.</param>
public sealed record Failover(TimeSpan Gap, TimeSpan WorstDelay);

/// <summary>What all losses of one kind cost.</summary>
/// <param name="Name">The kind.</param>
/// <param name="Failovers">Each of them.</param>
/// <param name="Lost">Confirmed messages that never came out.</param>
/// <param name="StoredTwice">Messages that are stored twice.</param>
/// <param name="Violations">Everything that is wrong with the history.</param>
public sealed record FailoverResult(string Name, IReadOnlyList<Failover> Failovers, int Lost, int StoredTwice, IReadOnlyList<Violation> Violations);

/// <summary>Measures how long nothing is confirmed when the leader is lost, at the nodes' and the clients' default settings, under a steady load.</summary>
public static class FailoverRun
{
    private const string Queue = "failover";
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(30);

    /// <summary>All ways, those that need what the machine has not included.</summary>
    public static IReadOnlyList<LossOfLeader> Losses { get; } =
    [
        new("kill", new KillFault()),
        new("pause", new PauseFault("pause", 5, 5)),
        new("cut from peers", new NetworkFault("cut", FaultyLinks.CutFromOthers, 5, 5)),
        new("cut from all", new NetworkFault("isolation", FaultyLinks.Isolated, 5, 5)),
        new("planned stop", new StopFault()),
    ];

    /// <summary>Loses the leader so often in one way, on a cluster of its own.</summary>
    public static async Task<FailoverResult> MeasureAsync(
        LossOfLeader loss, int nodes, int runs, double perSecond, Capabilities capabilities, bool keepLogs, Action<string> tell, CancellationToken cancellation)
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterPlan(nodes, UsesNamespaces: loss.Fault is NetworkFault), capabilities, cancellation);
        if (keepLogs)
        {
            cluster.KeepLogs();
            tell($"the output of the nodes will be in {cluster.KeptLogs}");
        }

        using var recorder = new HistoryRecorder();
        recorder.Record(at => new RunStarted(at, 0, nodes, cluster.Network.Name));
        var clients = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.ConnectAsync(cancellation: cancellation)));
        try
        {
            await clients[0].DeclareQueueAsync(Queue, cancellation: cancellation);
            var failovers = await UnderLoadAsync(clients, recorder, perSecond, () => LoseAsync(loss, cluster, recorder, runs, tell, cancellation));
            await DrainAsync(clients[^1], recorder, cancellation);
            var violations = HistoryChecker.Check(recorder.Events).Where(violation => violation.Rule != new ReplicasAgree().Name).ToList();
            return new FailoverResult(
                loss.Name, failovers, violations.Count(violation => violation.Rule == new ConfirmedIsNotLost().Name), violations.Count(violation => violation.Rule == new StoredOnce().Name), violations);
        }
        finally
        {
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }
    }

    private static async Task<List<Failover>> UnderLoadAsync(
        RaftQueueClient[] clients, HistoryRecorder recorder, double perSecond, Func<Task<List<Failover>>> measure)
    {
        using var stop = new CancellationTokenSource();
        var producing = Enumerable.Range(0, 4)
            .Select(i => new ProducerLoad(clients[i % 2], recorder, new ProducerPlan($"p{i}", Queue, perSecond / 4, 0, SendTimeout), i).RunAsync(stop.Token))
            .ToList();
        try
        {
            return await measure();
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(producing);
        }
    }

    private static async Task<List<Failover>> LoseAsync(
        LossOfLeader loss, ServerCluster cluster, HistoryRecorder recorder, int runs, Action<string> tell, CancellationToken cancellation)
    {
        var failovers = new List<Failover>();
        await Task.Delay(2 * Calm, cancellation); // cold code is slow
        for (var run = 0; run < runs; run++)
        {
            await Task.Delay(Calm, cancellation);
            var leader = await cluster.FindLeaderAsync(cancellation) ?? throw new InvalidOperationException("Nobody leads, though nothing is wrong.");
            var scene = new Scene(cluster, [leader], Random.Shared, recorder);
            var from = recorder.Now;
            recorder.Record(at => new FaultStage(at, run + 1, loss.Fault.Kind, [leader.Name], Stage.Begins));
            await loss.Fault.InjectAsync(scene, cancellation);
            await Task.Delay(Aftermath, cancellation);
            var until = recorder.Now;
            await loss.Fault.HealAsync(scene, cancellation);
            if (await cluster.WaitUntilSoundAsync(TimeSpan.FromSeconds(60), cancellation) is { } why)
                scene.Complain($"60 s after {loss.Name} of {leader.Name}: {why}");
            recorder.Record(at => new FaultStage(at, run + 1, loss.Fault.Kind, [leader.Name], Stage.Over));
            failovers.Add(Judge(recorder.Events, from, until));
            tell($"{loss.Name} {run + 1}/{runs} of {leader.Name}: gap {failovers[^1].Gap.TotalMilliseconds:0} ms, worst confirm {failovers[^1].WorstDelay.TotalMilliseconds:0} ms");
        }

        return failovers;
    }

    private static Failover Judge(IReadOnlyList<HistoryEvent> events, double from, double until)
    {
        var ends = events.OfType<Completed>().Where(end => end.Outcome == Outcome.Ok).ToDictionary(end => end.Op, end => end.At);
        var delays = events.OfType<Invoked>()
            .Where(call => call.Kind == OperationKind.Send && ends.ContainsKey(call.Op) && ends[call.Op] >= from && call.At <= until)
            .Select(call => ends[call.Op] - call.At);
        return new Failover(new Availability(events).LongestWithin(from, until).Length, TimeSpan.FromMilliseconds(delays.DefaultIfEmpty(0).Max()));
    }

    private static async Task DrainAsync(RaftQueueClient client, HistoryRecorder recorder, CancellationToken cancellation)
    {
        var plan = new ConsumerPlan("drain", Queue, TimeSpan.FromMinutes(1), IsPull: false, Carelessness: 0);
        var consumer = new ConsumerLoad(client, recorder, plan, seed: 0);
        consumer.BeCareful();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var consuming = consumer.RunAsync(stop.Token);
        await Awaiting.HoldsAsync(
            async () => await client.GetQueueStatsAsync(Queue, cancellation) is { Ready: 0, Leased: 0 }, TimeSpan.FromSeconds(120), cancellation);
        await stop.CancelAsync();
        await consuming;
        var left = await client.GetQueueStatsAsync(Queue, cancellation);
        recorder.Record(at => new QueueAtEnd(at, Queue, left.Ready + left.Leased, []));
    }
}
