using System.Data.Common;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>Two SQLite files in the data directory: the journal and the snapshots.</summary>
internal sealed class SqliteDatabase : IDatabase
{
    private readonly SqlitePragmas pragmas;
    private readonly string journal;
    private readonly string snapshots;

    public SqliteDatabase(StorageSettings settings, DataDirectory directory)
    {
        pragmas = new SqlitePragmas(settings.Sqlite);
        journal = ConnectionString(directory.PathOf(settings.Sqlite.JournalFile), settings.Sqlite.BusyTimeout);
        snapshots = ConnectionString(directory.PathOf(settings.Sqlite.SnapshotFile), settings.Sqlite.BusyTimeout);
        Description = $"SQLite in {directory.Path}";
        Plugins = StoragePlugins.ForSqlite(settings);
    }

    public string Description { get; }

    public Config Plugins { get; }

    public string OwnerTable => "raftqueue_owner";

    public DbConnection OpenJournal()
    {
        var connection = new SqliteConnection(journal);
        try
        {
            connection.Open();
            pragmas.Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Configure(MultiDataOptionsSetup setup)
    {
        setup.AddDataOptions(StoragePlugins.JournalId, Options(journal));
        setup.AddDataOptions(StoragePlugins.SnapshotStoreId, Options(snapshots));
    }

    // A pooled connection holds its file open: after the directory is emptied and filled anew it would write into a deleted file.
    public void ReleaseConnections()
    {
        foreach (var database in new[] { journal, snapshots })
        {
            using var connection = new SqliteConnection(database);
            SqliteConnection.ClearPool(connection);
        }
    }

    private DataOptions Options(string connectionString) =>
        new DataOptions().UseConnectionString(ProviderName.SQLiteMS, connectionString).UseInterceptor(pragmas);

    // The client library tries again after the busy timeout, until its own command timeout is over: the two are one time here.
    private static string ConnectionString(string file, TimeSpan busyTimeout) => new SqliteConnectionStringBuilder
    {
        DataSource = file,
        Mode = SqliteOpenMode.ReadWriteCreate,
        Pooling = true,
        DefaultTimeout = (int)Math.Ceiling(busyTimeout.TotalSeconds),
    }.ToString();
}
