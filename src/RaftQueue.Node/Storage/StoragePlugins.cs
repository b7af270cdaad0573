using System.Globalization;
using Akka.Configuration;
using Akka.Persistence.Sql;
using Akka.Persistence.Sql.Journal;
using Akka.Persistence.Sql.Snapshot;
using LinqToDB;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The Akka.Persistence plugins of a node. They have ids of their own and are nobody's default, so that an application that embeds a node keeps its own
/// journal.
/// </summary>
public static class StoragePlugins
{
    /// <summary>The id of the journal plugin: a persistent actor of the node returns it as its <c>JournalPluginId</c>.</summary>
    public const string JournalId = "akka.persistence.journal.raftqueue";

    /// <summary>The id of the snapshot store plugin: a persistent actor of the node returns it as its <c>SnapshotPluginId</c>.</summary>
    public const string SnapshotStoreId = "akka.persistence.snapshot-store.raftqueue";

    internal static Config ForSqlite(StorageSettings settings) =>
        Compose<SqliteJournal, SqliteSnapshotStore>(settings, $$"""
            provider-name = "{{ProviderName.SQLiteMS}}"
            # In SQLite a transaction takes the write lock when it begins, unless it only wants to read uncommitted data; with a
            # write-ahead log it then still reads one consistent state, and recovery or a snapshot that is read delays no write.
            read-isolation-level = read-uncommitted
            """);

    internal static Config ForPostgres(StorageSettings settings, string connectionString, string schema) =>
        Compose<SqlWriteJournal, SqlSnapshotStore>(settings, $$"""
            provider-name = {{Quote(settings.Postgres.ProviderName)}}
            connection-string = {{Quote(connectionString)}}
            default.schema-name = {{Quote(schema)}}
            """);

    private static Config Compose<TJournal, TSnapshotStore>(StorageSettings settings, string database)
        where TJournal : SqlWriteJournal
        where TSnapshotStore : SqlSnapshotStore
    {
        var plugins = ConfigurationFactory.ParseString($$"""
            {{JournalId}} {
              class = "{{TypeOf<TJournal>()}}"
              plugin-id = "{{JournalId}}"
              {{database}}
              {{Breaker(settings.Journal.Breaker)}}
              {{Shared}}
              # Writes of one group are one at a time anyway; more writers would only queue at the database's lock.
              parallelism = 1
              # Events have no tags; Csv spares the tag table.
              tag-write-mode = Csv
              replay-batch-size = {{settings.Journal.ReplayBatchSize}}
              recovery-event-timeout = {{Milliseconds(settings.Journal.RecoveryEventTimeout)}}
              # The default repairs interleaved writers by leaving events out. A log is never silently shortened: recovery fails.
              replay-filter { mode = fail, window-size = 8 }
            }
            {{SnapshotStoreId}} {
              class = "{{TypeOf<TSnapshotStore>()}}"
              plugin-id = "{{SnapshotStoreId}}"
              {{database}}
              {{Breaker(settings.Snapshots.Breaker)}}
              {{Shared}}
            }
            """);
        return plugins.WithFallback(SqlPersistence.DefaultConfiguration);
    }

    // A cloned connection would not pass the interceptor that sets the pragmas.
    // A plugin that fails stops, and the node with it: one that starts anew does not know who waits for it, and would leave a replica
    // waiting for ever.
    private const string Shared = """
        supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
        auto-initialize = true
        use-clone-connection = false
        """;

    private static string Breaker(BreakerSettings breaker) => $$"""
        circuit-breaker {
          max-failures = {{breaker.MaxFailures}}
          call-timeout = {{Milliseconds(breaker.CallTimeout)}}
          reset-timeout = {{Milliseconds(breaker.ResetTimeout)}}
        }
        """;

    private static string TypeOf<T>() => $"{typeof(T).FullName}, {typeof(T).Assembly.GetName().Name}";

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";

    private static string Quote(string text) => "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
}
