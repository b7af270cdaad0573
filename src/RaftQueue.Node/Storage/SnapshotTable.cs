using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>What changes the snapshots' table.</summary>
internal sealed class SnapshotTable : IDisposable
{
    private readonly PreparedConnection connection;
    private readonly SqliteCommand replace;
    private readonly SqliteCommand delete;

    /// <param name="connection">It remains the caller's when this fails.</param>
    public SnapshotTable(PreparedConnection connection)
    {
        this.connection = connection;
        replace = connection.Prepare(
            """
            insert or replace into snapshot (persistence_id, sequence_number, created, snapshot, manifest, serializer_id)
            values ($persistence_id, $sequence_number, $created, $snapshot, $manifest, $serializer_id)
            """,
            ("$persistence_id", SqliteType.Text),
            ("$sequence_number", SqliteType.Integer),
            ("$created", SqliteType.Integer),
            ("$snapshot", SqliteType.Blob),
            ("$manifest", SqliteType.Text),
            ("$serializer_id", SqliteType.Integer));
        delete = connection.Prepare(
            "delete from snapshot where persistence_id = $persistence_id and sequence_number between $from and $through",
            ("$persistence_id", SqliteType.Text),
            ("$from", SqliteType.Integer),
            ("$through", SqliteType.Integer));
    }

    /// <summary>Makes changes, in their order and in one transaction; they are on disk when it returns.</summary>
    public void Change(IEnumerable<ISnapshotChange> changes) => connection.InTransaction(() =>
    {
        foreach (var change in changes)
            Change(change);
    });

    public void Dispose() => connection.Dispose();

    private int Change(ISnapshotChange change) => change switch
    {
        SnapshotRow row => replace.Execute(row.PersistenceId, row.SequenceNr, row.Created, row.Snapshot, row.Manifest, row.Serializer),
        SnapshotDeletion deletion => delete.Execute(deletion.PersistenceId, deletion.From, deletion.Through),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "No such change."),
    };
}
