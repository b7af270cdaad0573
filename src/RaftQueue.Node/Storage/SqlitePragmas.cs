using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using LinqToDB.Interceptors;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>
/// Makes a commit in SQLite durable, and cheap: with a write-ahead log and <c>synchronous=FULL</c> each commit syncs once, where the
/// default rollback journal needs four syncs.
/// </summary>
/// <remarks>
/// Pragmas other than the journal mode belong to a native connection, which the pool hands out again and again: each gets them
/// once, not once per transaction.
/// </remarks>
internal sealed class SqlitePragmas : ConnectionInterceptor
{
    /// <summary>
    /// Bytes of a page, in files that are new. Twice SQLite's own measure: a batch of messages takes half as many pages, and a single message's write is not much longer yet
    /// (docs/performance-log.md).
    /// </summary>
    public const int PageBytes = 8 * 1024;

    private readonly ConditionalWeakTable<object, object> prepared = [];
    private readonly string pragmas;

    public SqlitePragmas(SqliteSettings settings)
    {
        // First busy_timeout: without it a busy file makes the client library sleep 150 ms before it tries again.
        pragmas = string.Create(CultureInfo.InvariantCulture, $"""
            PRAGMA busy_timeout = {(long)settings.BusyTimeout.TotalMilliseconds};
            PRAGMA page_size = {PageBytes};
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = {settings.WalAutoCheckpointPages};
            PRAGMA journal_size_limit = {settings.WalSizeLimitBytes};
            """);
    }

    public override void ConnectionOpened(ConnectionEventData eventData, DbConnection connection) => Prepare((SqliteConnection)connection);

    public override Task ConnectionOpenedAsync(ConnectionEventData eventData, DbConnection connection, CancellationToken cancellationToken)
    {
        // The SQLite library has no asynchronous calls; its async methods are these.
        Prepare((SqliteConnection)connection);
        return Task.CompletedTask;
    }

    /// <summary>Sets the pragmas, unless the native connection has them already.</summary>
    public void Prepare(SqliteConnection connection)
    {
        var native = connection.Handle ?? throw new InvalidOperationException($"The connection to {connection.DataSource} is not open.");
        if (prepared.TryGetValue(native, out _))
            return;
        using var command = connection.CreateCommand();
        command.CommandText = pragmas;
        command.ExecuteNonQuery();
        prepared.AddOrUpdate(native, this);
    }
}
