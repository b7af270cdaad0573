using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

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

    /// <summary>Which life of the data this is.</summary>
    public Incarnation Incarnation { get; private set; } = incarnation;

    /// <summary>The records of the journal, oldest first.</summary>
    public IReadOnlyList<JournalRecord> Journal => _journal;

    /// <summary>The machine's snapshots.</summary>
    public SnapshotShelf Snapshots { get; } = new();

    /// <summary>Whether the journal was never written.</summary>
    public bool IsEmpty => _journal.Count == 0;

    /// <summary>Whether this is not the first life of the data.</summary>
    public bool WasWiped { get; private set; }

    /// <summary>Whether a record is damaged.</summary>
    public bool IsDamaged => _journal.Exists(record => record.IsDamaged);

    /// <summary>Makes a write durable.</summary>
    public void Append(JournalRecord record) => _journal.Add(record);

    /// <summary>Spoils a record.</summary>
    public void Damage(int record) => _journal[record] = _journal[record] with { IsDamaged = true };

    /// <summary>Loses everything; what is written from now on belongs to another life.</summary>
    public void Wipe(Incarnation next)
    {
        _journal.Clear();
        Snapshots.Clear();
        Incarnation = next;
        WasWiped = true;
    }
}
