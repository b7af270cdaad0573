using RaftQueue.Contracts;

namespace RaftQueue.Simulation.Checkers;

/// <summary>What the books hold of one node: its log in memory, as the events told it, and on its disk.</summary>
public sealed class Witness(NodeId id, int number)
{
    /// <summary>The node.</summary>
    public NodeId Id { get; } = id;

    /// <summary>Its number, from 0.</summary>
    public int Number { get; } = number;

    /// <summary>The life of its data.</summary>
    public Incarnation Incarnation { get; set; }

    /// <summary>A bit of its own for each life of its data: what a former life acknowledged does not count for a later one.</summary>
    public int HolderBit { get; set; }

    /// <summary>The newest machine version that its program knows.</summary>
    public int MachineVersion { get; set; }

    /// <summary>What it remembers, durable or not.</summary>
    public LogMirror Memory { get; set; } = new();

    /// <summary>What its disk holds.</summary>
    public LogMirror Disk { get; set; } = new();

    /// <summary>The last index that its machine applied.</summary>
    public LogIndex Applied { get; set; }

    /// <inheritdoc />
    public override string ToString() => Id.Value;
}
