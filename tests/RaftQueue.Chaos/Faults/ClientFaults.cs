namespace RaftQueue.Chaos.Faults;

/// <summary>
/// Client processes stand still beyond their request timeout, and go on as if nothing had been; the servers are left alone. Shorter than
/// the
/// session timeout and the leases of these clients: of one that is silent for longer nobody can tell what it had handed over.
/// </summary>
public sealed class ClientPauseFault() : Fault(Name, Reach.Clients)
{
    /// <summary>What it is called.</summary>
    public const string Name = "client paused";

    public override TimeSpan Hold(Random random) => Between(random, 2.5, 8);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var client in scene.Cluster.Clients)
            client.Pause();
        return Task.CompletedTask;
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var client in scene.Cluster.Clients)
            client.Resume();
        return Task.CompletedTask;
    }
}
