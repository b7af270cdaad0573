using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Mutations;
using RaftQueue.Simulation.Network;

namespace RaftQueue.Simulation.Engine;

/// <summary>What a simulated node stands in: time, chance, the way to others, the disks' mood, and those who watch.</summary>
public sealed class World
{
    /// <summary>Virtual time.</summary>
    public required Schedule Schedule { get; init; }

    /// <summary>What happened.</summary>
    public required Trace Trace { get; init; }

    /// <summary>Chance for nodes and disks.</summary>
    public required SeededRandom Random { get; init; }

    /// <summary>How harsh it is.</summary>
    public required FaultProfile Profile { get; init; }

    /// <summary>How the disks behave at the moment.</summary>
    public required DiskWear Disk { get; set; }

    /// <summary>The faults so far.</summary>
    public required FaultCounts Faults { get; init; }

    /// <summary>The way between nodes.</summary>
    public required SimulatedNetwork Network { get; init; }

    /// <summary>The way between clients and nodes.</summary>
    public required ClientLine Clients { get; init; }

    /// <summary>Those who watch.</summary>
    public required Referee Referee { get; init; }

    /// <summary>The rules as the nodes see them: the real ones, or with one of them broken.</summary>
    public required Mutation Rules { get; init; }

    /// <summary>Whether timers fire by themselves; where a script drives the schedule they do not.</summary>
    public bool HasTimers { get; init; } = true;

    /// <summary>The true time.</summary>
    public TimeSpan Now => Schedule.Now;

    /// <summary>How long the next disk write takes.</summary>
    public TimeSpan DrawWrite() => Random.Between(Disk.MinWrite, Disk.MaxWrite);
}
