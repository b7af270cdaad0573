using RaftQueue.Contracts;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Storage;

namespace RaftQueue.Simulation.Nodes;

/// <summary>One server: its disk and clock outlast it, its <see cref="Life"/> ends with every crash.</summary>
public sealed class SimulatedNode(NodeId id, World world, NodeClock clock)
{
    /// <summary>The number of groups that the cluster was founded with. One of them is simulated.</summary>
    public const int RightGroups = 2;

    /// <summary>Its name.</summary>
    public NodeId Id { get; } = id;

    /// <summary>What survives.</summary>
    public SimulatedDisk Disk { get; } = new(new Incarnation(world.Random.NextGuid()));

    /// <summary>Its clocks.</summary>
    public NodeClock Clock { get; } = clock;

    /// <summary>What the checkers hold of it.</summary>
    public Witness Witness { get; } = world.Referee.Books.Enter(id);

    /// <summary>What runs; null while it is down.</summary>
    public Life? Life { get; private set; }

    /// <summary>The latest place at which its log held members.</summary>
    public long HighestConfiguration => Math.Max(Witness.Memory.HighestConfiguration, Witness.Disk.HighestConfiguration);

    /// <summary>Until when it stands still: a long collection, a suspended machine.</summary>
    public TimeSpan PausedUntil { get; private set; }

    /// <summary>The numbers that its replica goes by, and its place among the founders of the group.</summary>
    public required RaftOptions Options { get; set; }

    /// <summary>The number of groups that it is configured with.</summary>
    public int Groups { get; set; } = RightGroups;

    /// <summary>
    /// Starts it, unless it runs already, its journal is damaged (a node never goes by a shortened log), or it is configured otherwise than
    /// its data.
    /// </summary>
    /// <returns>Whether it runs.</returns>
    public bool Start()
    {
        if (Life is not null)
            return true;
        if (Disk.IsDamaged)
        {
            world.Trace.Say(Id.Value, $"refuses to start: a record of its journal is damaged");
            return false;
        }

        var configured = new FixedSettings(Groups);
        if (world.Rules.Objection(Disk.Fixed, configured) is { } objection)
        {
            world.Trace.Say(Id.Value, $"refuses to start: {objection}");
            return false;
        }

        Disk.Fixed = Disk.Fixed.CompletedBy(configured);
        world.Referee.Configured(Witness, configured);
        Life = new Life(this, world);
        Life.Wake();
        return true;
    }

    /// <summary>It dies; everything that is not on its disk is lost. A write on its way is there as a whole or not at all.</summary>
    public void Crash(string why)
    {
        if (Life is null)
            return;
        world.Trace.Say(Id.Value, $"crashes: {why}");
        world.Trace.Mix(Witness.Number, -1, Disk.Journal.Count, 0);
        Life.End();
        Life = null;
        PausedUntil = TimeSpan.Zero;
    }

    /// <summary>Crashes here if the seed has it so.</summary>
    /// <returns>Whether it is down now.</returns>
    public bool MayCrashAt(string point)
    {
        if (!world.Random.Chance(world.Disk.CrashAtPoint))
            return false;
        world.Faults.Add(Fault.CrashAtPersistencePoint);
        Crash(point);
        return true;
    }

    /// <summary>It stands still, and goes on later as if nothing had been.</summary>
    public void Pause(TimeSpan until)
    {
        world.Trace.Say(Id.Value, $"is paused until {(long)until.TotalMilliseconds} ms");
        PausedUntil = until;
    }

    /// <summary>It goes on.</summary>
    public void Resume() => PausedUntil = TimeSpan.Zero;

    /// <inheritdoc />
    public override string ToString() => Id.Value;
}
