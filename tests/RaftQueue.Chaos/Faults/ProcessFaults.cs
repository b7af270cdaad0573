using RaftQueue.Chaos.Cluster;

namespace RaftQueue.Chaos.Faults;

/// <summary>SIGKILL, and a restart with the data that is there.</summary>
public sealed class KillFault(string kind = "kill", Reach reach = Reach.Minority) : Fault(kind, reach)
{
    public override TimeSpan Hold(Random random) => Reach == Reach.Minority ? Between(random, 0, 4) : Between(random, 1, 5);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.Kill();
        return Task.CompletedTask;
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.Start();
        return Task.CompletedTask;
    }
}

/// <summary>SIGSTOP and SIGCONT: a process that stands still, and later goes on as if nothing had been.</summary>
/// <param name="kind">Its name.</param>
/// <param name="fromSeconds">The shortest pause.</param>
/// <param name="toSeconds">The longest pause.</param>
/// <param name="reach">Whom it hits.</param>
public sealed class PauseFault(string kind, double fromSeconds, double toSeconds, Reach reach = Reach.Minority) : Fault(kind, reach)
{
    public override TimeSpan Hold(Random random) => Between(random, fromSeconds, toSeconds);

    public override async Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.Pause();
        await Task.Delay(100, cancellation); // what a process had already put on its way still arrives
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.Resume();
        return Task.CompletedTask;
    }
}

/// <summary>SIGTERM: a planned stop, which hands leadership over, and a restart.</summary>
public sealed class StopFault() : Fault("stop")
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public override TimeSpan Hold(Random random) => Between(random, 0, 3);

    public override async Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
        {
            var code = await node.StopAsync(Patience, cancellation);
            if (code != 0)
                scene.Complain($"{node.Name} was asked to stop and {(code is null ? $"was still there after {Patience.TotalSeconds} s" : $"ended with exit code {code}")}");
        }
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.Start();
        return Task.CompletedTask;
    }
}

/// <summary>Leadership is handed over as an operator does it; every process lives on, and consumers keep what they hold.</summary>
public sealed class TransferFault() : Fault("transfer", Reach.One)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override TimeSpan Hold(Random random) => Between(random, 0, 1);

    public override async Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        if (await scene.Cluster.TransferLeadershipAsync(Patience, cancellation) is { } why)
            scene.Remark($"leadership was not handed over: {why}");
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation) => Task.CompletedTask;
}

/// <summary>SIGKILL, and a restart without the data: the node must come back as a learner under a new incarnation and become a voter again.</summary>
public sealed class WipeFault() : Fault("wipe", Reach.One)
{
    public override TimeSpan Hold(Random random) => Between(random, 0, 4);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        scene.Targets[0].Kill();
        scene.Targets[0].Wipe();
        return Task.CompletedTask;
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        scene.Targets[0].Start();
        return Task.CompletedTask;
    }
}

/// <summary>The wall clock jumps, and later jumps back.</summary>
public sealed class ClockFault() : Fault("clock")
{
    public override string? WhyNot(Capabilities capabilities) => capabilities.WhyNoClock;

    public override TimeSpan Hold(Random random) => Between(random, 3, 8);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.SetClock(TimeSpan.FromSeconds(scene.Random.Next(2, 30) * (scene.Random.Next(2) == 0 ? 1 : -1)));
        return Task.CompletedTask;
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            node.SetClock(TimeSpan.Zero);
        return Task.CompletedTask;
    }
}
