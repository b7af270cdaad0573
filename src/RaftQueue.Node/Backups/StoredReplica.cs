using System.Data.Common;
using System.Globalization;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Backups;

/// <summary>
/// A replica as it lies in its database, read beside the node that runs on it. What it remembers is the same fold over the same records as at a start, every checksum
/// included.
/// </summary>
internal sealed class StoredReplica : IDisposable
{
    private readonly IDatabase _database;
    private readonly NodeId _node;
    private readonly GroupId _group;
    private readonly DbConnection _journal;
    private readonly DbConnection _snapshots;
    private readonly DbTransaction _journalView;
    private readonly DbTransaction _snapshotsView;

    /// <summary>Takes a view of both databases, one right after the other. They may not fit together yet: <see cref="HasItsSnapshot"/>.</summary>
    public StoredReplica(IDatabase database, NodeId node, GroupId group)
    {
        (_database, _node, _group) = (database, node, group);
        _journal = database.OpenJournal();
        _snapshots = database.OpenSnapshots();
        _journalView = database.BeginReading(_journal);
        _snapshotsView = database.BeginReading(_snapshots);
        var records = ReadRecords();
        (Memory, var number) = ReadCheckpoint();
        foreach (var record in records)
            (Memory, number) = Apply(record, number);
    }

    /// <summary>What the replica remembers.</summary>
    public Memory Memory { get; private set; }

    /// <summary>Whether the snapshot that the log starts from is in this view. Where it is not, it has given way to a newer one in between.</summary>
    public bool HasItsSnapshot => !HasSnapshot || TryRead(ReplicaNames.Manifests(_node, _group), SnapshotIndex.Value) is not null;

    /// <summary>Whether there is a snapshot at all.</summary>
    public bool HasSnapshot => SnapshotIndex > LogIndex.Zero;

    private LogIndex SnapshotIndex => Memory.Log.Snapshot.LastIncludedIndex;

    public ReadOnlyMemory<byte> ReadManifest() => Read(ReplicaNames.Manifests(_node, _group), SnapshotIndex.Value);

    /// <summary>A piece of the snapshot, held against the manifest.</summary>
    public ReadOnlyMemory<byte> ReadPiece(ReadOnlyMemory<byte> manifest, string name)
    {
        var piece = Read(ReplicaNames.Piece(_node, _group, name), ReplicaNames.TheOnlyNumber);
        SnapshotManifest.Verify(manifest, name, piece);
        return piece;
    }

    public void Dispose()
    {
        _journalView.Dispose();
        _snapshotsView.Dispose();
        _journal.Dispose();
        _snapshots.Dispose();
    }

    private List<byte[]> ReadRecords()
    {
        using var select = Command(
            _journal, _journalView, $"select message from {_database.JournalTable} where persistence_id = @owner and deleted = {_database.False} order by sequence_number");
        Add(select, "@owner", ReplicaNames.Log(_node, _group));
        using var rows = select.ExecuteReader();
        var records = new List<byte[]>();
        while (rows.Read())
            records.Add((byte[])rows[0]);
        return records;
    }

    private (Memory Memory, long Number) ReadCheckpoint()
    {
        using var select = Command(
            _snapshots, _snapshotsView, $"select snapshot, sequence_number from {_database.SnapshotTable} where persistence_id = @owner order by sequence_number desc limit 1");
        Add(select, "@owner", ReplicaNames.Log(_node, _group));
        using var rows = select.ExecuteReader();
        return rows.Read()
            ? (Memory.From(JournalCodec.DecodeCheckpoint((byte[])rows[0])), Convert.ToInt64(rows[1], CultureInfo.InvariantCulture))
            : (Memory.Empty, 0);
    }

    // A checkpoint that was taken between the two views has seen records that are here as well.
    private (Memory Memory, long Number) Apply(byte[] record, long last)
    {
        var (number, events) = JournalCodec.Decode(record);
        if (number <= last)
            return (Memory, last);
        return number == last + 1
            ? (events.Aggregate(Memory, (memory, @event) => memory.Apply(@event)), number)
            : throw new DamagedRecordException(number, $"After record {last} of the journal comes record {number}; what lies between is missing.");
    }

    private ReadOnlyMemory<byte> Read(string owner, long number) =>
        TryRead(owner, number) ?? throw new DamagedPieceException(owner, number, "it is missing, although a snapshot names it.");

    private ReadOnlyMemory<byte>? TryRead(string owner, long number)
    {
        using var select = Command(
            _snapshots, _snapshotsView, $"select snapshot from {_database.SnapshotTable} where persistence_id = @owner and sequence_number = @number");
        Add(select, "@owner", owner);
        Add(select, "@number", number);
        return select.ExecuteScalar() is byte[] framed ? PieceFrame.Open(owner, number, framed) : null;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction view, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = view;
        command.CommandText = sql;
        return command;
    }

    private static void Add(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        parameter.ParameterName = name;
        parameter.Value = value;
        command.Parameters.Add(parameter);
    }
}
