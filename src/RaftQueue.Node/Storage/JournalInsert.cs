using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>The one statement of the journal's hot path, prepared once on a connection of its own.</summary>
internal sealed class JournalInsert : IDisposable
{
    private readonly SqliteConnection connection;
    private readonly SqliteCommand command;
    private readonly SqliteParameter created;
    private readonly SqliteParameter persistenceId;
    private readonly SqliteParameter sequenceNr;
    private readonly SqliteParameter message;
    private readonly SqliteParameter manifest;
    private readonly SqliteParameter serializer;
    private readonly SqliteParameter writer;

    private JournalInsert(SqliteConnection connection)
    {
        this.connection = connection;
        command = connection.CreateCommand();
        command.CommandText = """
            insert into journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
            values ($created, 0, $persistence_id, $sequence_number, $message, '', $manifest, $identifier, $writer_uuid)
            """;
        created = command.Parameters.Add("$created", SqliteType.Integer);
        persistenceId = command.Parameters.Add("$persistence_id", SqliteType.Text);
        sequenceNr = command.Parameters.Add("$sequence_number", SqliteType.Integer);
        message = command.Parameters.Add("$message", SqliteType.Blob);
        manifest = command.Parameters.Add("$manifest", SqliteType.Text);
        serializer = command.Parameters.Add("$identifier", SqliteType.Integer);
        writer = command.Parameters.Add("$writer_uuid", SqliteType.Text);
    }

    /// <summary>Prepares the statement on a connection, which is the statement's from now on.</summary>
    public static JournalInsert On(SqliteConnection connection)
    {
        var insert = new JournalInsert(connection);
        try
        {
            insert.DropUnusedIndexes();
            insert.command.Prepare();
            return insert;
        }
        catch
        {
            insert.Dispose();
            throw;
        }
    }

    /// <summary>Writes rows in one transaction; they are on disk when it returns.</summary>
    public void Execute(IReadOnlyList<JournalRow> rows)
    {
        if (rows.Count == 1)
        {
            Execute(rows[0]); // a transaction of its own
            return;
        }

        using var transaction = connection.BeginTransaction();
        command.Transaction = transaction;
        foreach (var row in rows)
            Execute(row);
        transaction.Commit();
        command.Transaction = null;
    }

    public void Dispose()
    {
        command.Dispose();
        connection.Dispose();
    }

    private void Execute(in JournalRow row)
    {
        created.Value = row.Created;
        persistenceId.Value = row.PersistenceId;
        sequenceNr.Value = row.SequenceNr;
        message.Value = row.Message;
        manifest.Value = row.Manifest;
        serializer.Value = row.Serializer;
        writer.Value = row.Writer;
        command.ExecuteNonQuery();
    }

    // Akka.Persistence.Sql makes them for queries that nobody asks here; each would be another page in every write.
    private void DropUnusedIndexes()
    {
        using var drop = connection.CreateCommand();
        drop.CommandText = "drop index if exists journal_created_idx; drop index if exists journal_sequence_number_idx;";
        drop.ExecuteNonQuery();
    }
}
