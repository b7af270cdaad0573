using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>What changes the snapshots' table: statements that are prepared once, on a connection of their own.</summary>
internal sealed class SnapshotTable : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand replace;
    private readonly SqliteCommand delete;

    private SnapshotTable(SqliteConnection connection)
    {
        this.connection = connection;
        replace = connection.Command(
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
        delete = connection.Command(
            "delete from snapshot where persistence_id = $persistence_id and sequence_number between $from and $through",
            ("$persistence_id", SqliteType.Text),
            ("$from", SqliteType.Integer),
            ("$through", SqliteType.Integer));
    }

    private IEnumerable<SqliteCommand> Commands => [replace, delete];

    /// <summary>Prepares the statements on a connection, which is theirs from now on.</summary>
    public static SnapshotTable On(SqliteConnection connection)
    {
        var table = new SnapshotTable(connection);
        try
        {
            foreach (var command in table.Commands)
                command.Prepare();
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Makes changes, in their order and in one transaction; they are on disk when it returns.</summary>
    public void Change(IEnumerable<ISnapshotChange> changes)
    {
        using var transaction = connection.BeginTransaction();
        foreach (var command in Commands)
            command.Transaction = transaction;
        foreach (var change in changes)
            Change(change);
        transaction.Commit();
    }

    public void Dispose()
    {
        foreach (var command in Commands)
            command.Dispose();
        connection.Dispose();
    }

    private int Change(ISnapshotChange change) => change switch
    {
        SnapshotRow row => replace.Execute(row.PersistenceId, row.SequenceNr, row.Created, row.Snapshot, row.Manifest, row.Serializer),
        SnapshotDeletion deletion => delete.Execute(deletion.PersistenceId, deletion.From, deletion.Through),
        _ => throw new ArgumentOutOfRangeException(nameof(change), change, "No such change."),
    };
}
