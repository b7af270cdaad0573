using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Faults;

/// <summary>Whom a fault hits.</summary>
public enum Reach
{
    /// <summary>Fewer nodes than a majority; the others go on.</summary>
    Minority,

    /// <summary>One node, because what follows costs the cluster one of its spares.</summary>
    One,

    /// <summary>So many that the rest is no majority.</summary>
    Majority,

    /// <summary>All.</summary>
    All,

    /// <summary>No node: the client processes.</summary>
    Clients,
}

/// <summary>Where a fault happens.</summary>
/// <param name="Cluster">The cluster.</param>
/// <param name="Targets">Whom it hits.</param>
/// <param name="Random">Draws what is left to chance.</param>
/// <param name="Recorder">Takes down what is wrong.</param>
public sealed record Scene(ServerCluster Cluster, IReadOnlyList<ServerNode> Targets, Random Random, HistoryRecorder Recorder)
{
    /// <summary>Something happened that is worth knowing.</summary>
    public void Remark(string what) => Recorder.Record(at => new Remarked(at, what));

    /// <summary>Something had to happen and did not.</summary>
    public void Complain(string what) => Recorder.Record(at => new Stuck(at, what));
}

/// <summary>A kind of fault: how it is injected and how it is healed.</summary>
public abstract class Fault(string kind, Reach reach = Reach.Minority)
{
    /// <summary>Its name.</summary>
    public string Kind => kind;

    /// <summary>Whom it hits.</summary>
    public Reach Reach => reach;

    /// <summary>While it is in force nothing can be confirmed.</summary>
    public virtual bool TakesMajority => reach is Reach.Majority or Reach.All;

    /// <summary>Why it cannot be injected here; null if it can.</summary>
    public virtual string? WhyNot(Capabilities capabilities) => null;

    /// <summary>How long it is in force.</summary>
    public abstract TimeSpan Hold(Random random);

    /// <summary>Makes it happen; what it does to each target happens at once.</summary>
    public abstract Task InjectAsync(Scene scene, CancellationToken cancellation);

    /// <summary>Takes it back.</summary>
    public abstract Task HealAsync(Scene scene, CancellationToken cancellation);

    /// <summary>A time between these, in seconds.</summary>
    protected static TimeSpan Between(Random random, double from, double to) => TimeSpan.FromSeconds(from + (random.NextDouble() * (to - from)));
}
