using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Faults;

/// <summary>Injects faults one after the other, drawn by seed, and waits after each until the cluster is whole again.</summary>
public sealed class Conductor(ServerCluster cluster, HistoryRecorder recorder, IReadOnlyList<Fault> faults, int seed)
{
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UsualRecovery = TimeSpan.FromSeconds(15);
    private readonly Random _random = new(seed);
    private int _number;

    /// <summary>What is going on, for people.</summary>
    public string Doing { get; private set; } = "calm";

    /// <summary>Tells of each fault as it begins.</summary>
    public event Action<string>? Announced;

    /// <summary>Goes on until <paramref name="until"/>; the fault that is in force then is healed.</summary>
    public async Task RunAsync(TimeSpan until, CancellationToken cancellation)
    {
        foreach (var fault in FaultCatalog.Deal(faults, _random))
        {
            await Task.Delay(TimeSpan.FromSeconds(1 + (_random.NextDouble() * 3)), cancellation);
            if (recorder.Now > until.TotalMilliseconds)
                return;
            await StrikeAsync(fault, cancellation);
        }
    }

    /// <summary>One fault, from its injection to the recovery.</summary>
    public async Task StrikeAsync(Fault fault, CancellationToken cancellation)
    {
        var leader = await cluster.FindLeaderAsync(cancellation);
        var targets = FaultCatalog.Aim(fault, cluster, leader, _random);
        await StrikeAsync(fault, targets, leader, cancellation);
    }

    private async Task StrikeAsync(Fault fault, IReadOnlyList<ServerNode> targets, ServerNode? leader, CancellationToken cancellation)
    {
        var number = ++_number;
        string[] names = [.. targets.Select(node => node.Name)];
        var scene = new Scene(cluster, targets, _random, recorder);
        var hold = fault.Hold(_random);
        void Tell(Stage stage) => recorder.Record(at => new FaultStage(at, number, fault.Kind, names, stage, fault.TakesMajority));

        Doing = $"{fault.Kind} {string.Join(", ", names)}";
        Announced?.Invoke($"{recorder.Now / 1000,7:0.0} s  {Doing} for {hold.TotalSeconds:0.0} s{(leader is not null && targets.Contains(leader) ? " (leader)" : "")}");
        Tell(Stage.Begins);
        await fault.InjectAsync(scene, cancellation);
        Tell(Stage.InForce);
        await Task.Delay(hold, cancellation);
        Tell(Stage.Heals);
        await fault.HealAsync(scene, cancellation);
        foreach (var node in cluster.Nodes.Where(node => !node.IsUp))
        {
            scene.Complain($"the process of {node.Name} ended by itself during \"{fault.Kind}\"");
            node.Start();
        }

        Doing = $"recovery from {Doing}";
        await RecoverAsync(scene, $"the end of \"{fault.Kind}\" of {string.Join(", ", names)}", cancellation);
        Tell(Stage.Over);
        Doing = "calm";
    }

    private async Task RecoverAsync(Scene scene, string since, CancellationToken cancellation)
    {
        if (await cluster.WaitUntilSoundAsync(UsualRecovery, cancellation) is not { } slow)
            return;
        scene.Remark($"{UsualRecovery.TotalSeconds} s after {since}: {slow}");
        if (await cluster.WaitUntilSoundAsync(RecoveryPatience - UsualRecovery, cancellation) is not { } why)
            return;
        scene.Complain($"{RecoveryPatience.TotalSeconds} s after {since}: {why}");
        Announced?.Invoke($"{recorder.Now / 1000,7:0.0} s  not recovered: {why}");
    }
}
