using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
using LinqToDB;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>Two SQLite files in the data directory: the journal and the snapshots.</summary>
internal sealed class SqliteDatabase : IDatabase
{
    private readonly SqlitePragmas pragmas;
    private readonly SqliteSettings settings;
    private readonly string journal;
    private readonly string snapshots;

    public SqliteDatabase(StorageSettings storage)
    {
        settings = storage.Sqlite;
        pragmas = new SqlitePragmas(settings);
        var directory = Path.GetFullPath(storage.DataDirectory);
        journal = ConnectionString(Path.Combine(directory, settings.JournalFile), settings.BusyTimeout);
        snapshots = ConnectionString(Path.Combine(directory, settings.SnapshotFile), settings.BusyTimeout);
        Description = $"SQLite in {directory}";
        Plugins = StoragePlugins.ForSqlite(storage);
    }

    public string Description { get; }

    public string Place => $"sqlite, files {settings.JournalFile} and {settings.SnapshotFile}";

    public Config Plugins { get; }

    public string OwnerTable => "raftqueue_owner";

    public string JournalTable => "journal";

    public string SnapshotTable => "snapshot";

    public string False => "0";

    // A database in SQLite is a file, its write-ahead log, and the index of that.
    public IEnumerable<string> Files =>
        new[] { settings.JournalFile, settings.SnapshotFile }.SelectMany(file => new[] { file, $"{file}-wal", $"{file}-shm" });

    public DbConnection OpenJournal() => Open(journal);

    public DbConnection OpenSnapshots() => Open(snapshots);

    public DbTransaction BeginReading(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: true);

    public string? SetAside(string suffix) => null; // all of it lies in the data directory

    private SqliteConnection Open(string database)
    {
        var connection = new SqliteConnection(database);
        try
        {
            RestrictedFiles.Prepare(connection.DataSource); // the write-ahead log and its index get the mode of the database
            connection.Open();
            pragmas.Prepare(connection);
            LookInto(connection);
            return connection;
        }
        catch (SqliteException error)
        {
            connection.Dispose();
            throw new StorageException($"Cannot open {connection.DataSource}: {Trouble.WithRemedy(error)}", error);
        }
    }

    // SQLite opens any file; that it is no database shows when it is first read.
    private static void LookInto(SqliteConnection connection)
    {
        using var look = connection.CreateCommand();
        look.CommandText = "pragma schema_version";
        look.ExecuteScalar();
    }

    public ActorSystemSetup AddTo(ActorSystemSetup setup)
    {
        var options = setup.Get<MultiDataOptionsSetup>().GetOrElse(new MultiDataOptionsSetup());
        options.AddDataOptions(StoragePlugins.JournalId, Options(journal));
        options.AddDataOptions(StoragePlugins.SnapshotStoreId, Options(snapshots));
        return setup.And(options).And(new SqliteSetup(() => Open(journal), () => Open(snapshots)));
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
