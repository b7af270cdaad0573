using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>What changes the journal's table.</summary>
internal sealed class JournalTable : IDisposable
{
    private readonly DeletionPace pace = new();
    private readonly PreparedConnection connection;
    private readonly SqliteCommand insert;
    private readonly SqliteCommand mark;
    private readonly SqliteCommand delete;

    /// <param name="connection">It remains the caller's when this fails.</param>
    public JournalTable(PreparedConnection connection)
    {
        this.connection = connection;
        // Akka.Persistence.Sql makes them for queries that nobody asks here; each would be another page in every write.
        connection.Run("drop index if exists journal_created_idx; drop index if exists journal_sequence_number_idx;");
        insert = connection.Prepare(
            """
            insert into journal (created, deleted, persistence_id, sequence_number, message, tags, manifest, identifier, writer_uuid)
            values ($created, 0, $persistence_id, $sequence_number, $message, '', $manifest, $identifier, $writer_uuid)
            """,
            ("$created", SqliteType.Integer),
            ("$persistence_id", SqliteType.Text),
            ("$sequence_number", SqliteType.Integer),
            ("$message", SqliteType.Blob),
            ("$manifest", SqliteType.Text),
            ("$identifier", SqliteType.Integer),
            ("$writer_uuid", SqliteType.Text));
        mark = connection.Prepare(
            "update journal set deleted = 1 where persistence_id = $persistence_id and sequence_number = $through",
            ("$persistence_id", SqliteType.Text),
            ("$through", SqliteType.Integer));
        delete = connection.Prepare(
            """
            delete from journal where ordering in (
              select ordering from journal where persistence_id = $persistence_id and sequence_number < $through order by sequence_number limit $limit)
            """,
            ("$persistence_id", SqliteType.Text),
            ("$through", SqliteType.Integer),
            ("$limit", SqliteType.Integer));
    }

    /// <summary>Inserts rows and takes a deletion a step further, in one transaction; that is on disk when it returns.</summary>
    /// <param name="rows">The rows; there may be none.</param>
    /// <param name="deletion">What is to be deleted; null when nothing is.</param>
    /// <returns>Whether nothing is left of the deletion.</returns>
    public bool Change(IReadOnlyList<JournalRow> rows, JournalDeletion? deletion)
    {
        if (rows.Count == 1 && deletion is null)
        {
            Insert(rows[0]); // a transaction of its own
            return true;
        }

        var isDeleted = true;
        connection.InTransaction(() =>
        {
            foreach (var row in rows)
                Insert(row);
            isDeleted = deletion is null || Delete(deletion, rows.Count + pace.Rows); // more than come, or it would never end
        });
        return isDeleted;
    }

    public void Dispose() => connection.Dispose();

    private void Insert(in JournalRow row) =>
        insert.Execute(row.Created, row.PersistenceId, row.SequenceNr, row.Message, row.Manifest, row.Serializer, row.Writer);

    // The last row stays, marked, until the next deletion: it tells a recovery which number was the highest.
    private bool Delete(JournalDeletion deletion, int limit)
    {
        var start = Stopwatch.GetTimestamp();
        var isLast = delete.Execute(deletion.PersistenceId, deletion.Through, limit) < limit;
        pace.Took(Stopwatch.GetElapsedTime(start));
        if (isLast)
            mark.Execute(deletion.PersistenceId, deletion.Through);
        return isLast;
    }
}
