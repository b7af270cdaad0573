using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>What changes the snapshots' table: a statement that is prepared once, on a connection of its own.</summary>
internal sealed class SnapshotTable : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand replace;

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
    }

    /// <summary>Prepares the statement on a connection, which is its own from now on.</summary>
    public static SnapshotTable On(SqliteConnection connection)
    {
        var table = new SnapshotTable(connection);
        try
        {
            table.replace.Prepare();
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Writes rows in one transaction, each in the place of one with its owner and number; they are on disk when it returns.</summary>
    public void Replace(IEnumerable<SnapshotRow> rows)
    {
        using var transaction = connection.BeginTransaction();
        replace.Transaction = transaction;
        foreach (var row in rows)
            replace.Execute(row.PersistenceId, row.SequenceNr, row.Created, row.Snapshot, row.Manifest, row.Serializer);
        transaction.Commit();
    }

    public void Dispose()
    {
        replace.Dispose();
        connection.Dispose();
    }
}
