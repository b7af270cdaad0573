using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Storage;

/// <summary>What one write put on the disk: it is there as a whole or not at all.</summary>
public sealed record JournalRecord(ImmutableArray<IRaftEvent> Events)
{
    /// <summary>Its checksum does not fit any more.</summary>
    public bool IsDamaged { get; init; }
}

/// <summary>What survives a crash: the journal, the machine's snapshots, and the incarnation of the data.</summary>
public sealed class SimulatedDisk(Incarnation incarnation)
{
    private readonly List<JournalRecord> _journal = [];
    private readonly List<IRaftEvent> _written = [];
    private byte[]? _checkpoint;

    /// <summary>Which life of the data this is.</summary>
    public Incarnation Incarnation { get; private set; } = incarnation;

    /// <summary>The records of the journal since its checkpoint, oldest first.</summary>
    public IReadOnlyList<JournalRecord> Journal => _journal;

    /// <summary>
    /// Every event that was ever written, also before the checkpoint; for the checkers, which compare with it what a node recovered.
    /// </summary>
    public IReadOnlyList<IRaftEvent> Written => _written;

    /// <summary>What the node's identity says of the settings that may never change.</summary>
    public FixedSettings Fixed { get; set; } = new();

    /// <summary>The machine's snapshots.</summary>
    public SnapshotShelf Snapshots { get; } = new();

    /// <summary>Whether the journal was never written.</summary>
    public bool IsEmpty => _written.Count == 0;

    /// <summary>Whether this is not the first life of the data.</summary>
    public bool WasWiped { get; private set; }

    /// <summary>Whether a record is damaged.</summary>
    public bool IsDamaged => _journal.Exists(record => record.IsDamaged);

    /// <summary>What the journal's records go on from.</summary>
    public Memory Checkpoint => _checkpoint is { } bytes ? Memory.From(JournalCodec.DecodeCheckpoint(bytes)) : Memory.Empty;

    /// <summary>Makes a write durable.</summary>
    public void Append(JournalRecord record)
    {
        _journal.Add(record);
        _written.AddRange(record.Events);
    }

    /// <summary>The whole memory takes the place of the records so far.</summary>
    public void SaveCheckpoint(Memory memory)
    {
        _checkpoint = JournalCodec.EncodeCheckpoint(memory.ToCheckpoint());
        _journal.Clear();
    }

    /// <summary>Spoils a record.</summary>
    public void Damage(int record) => _journal[record] = _journal[record] with { IsDamaged = true };

    /// <summary>Loses everything; what is written from now on belongs to another life.</summary>
    public void Wipe(Incarnation next)
    {
        _journal.Clear();
        _written.Clear();
        _checkpoint = null;
        Fixed = new FixedSettings();
        Snapshots.Clear();
        Incarnation = next;
        WasWiped = true;
    }
}
