using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>A table that is opened for its first change, and anew after a change that failed: what such a connection still holds is unknown.</summary>
/// <typeparam name="TTable">What changes it; it owns its connection.</typeparam>
/// <param name="open">Opens a connection with the right pragmas.</param>
/// <param name="on">Prepares the table's statements.</param>
internal sealed class ReopenedTable<TTable>(Func<SqliteConnection> open, Func<PreparedConnection, TTable> on) : IDisposable
    where TTable : class, IDisposable
{
    private TTable? table;

    /// <returns>Why nothing may be taken for changed; null when all is.</returns>
    public Exception? TryChange(Action<TTable> change)
    {
        try
        {
            change(table ??= Open());
            return null;
        }
        catch (Exception failure) // of whatever kind: those who wait must hear of it
        {
            Dispose();
            return failure;
        }
    }

    public void Dispose()
    {
        table?.Dispose();
        table = null;
    }

    private TTable Open()
    {
        var connection = new PreparedConnection(open());
        try
        {
            return on(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
