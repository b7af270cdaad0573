using Akka.Configuration;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Node.Storage;

/// <summary>The databases that a node can keep its log and its snapshots in.</summary>
public enum StorageProvider
{
    /// <summary>Embedded: files in the node's data directory.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    Postgres,
}

/// <summary>
/// Everything under <c>raftqueue.storage</c>, parsed once. Defaults, units and reasons are in the <c>reference.conf</c> beside
/// this file.
/// </summary>
public sealed record StorageSettings(
    StorageProvider Provider,
    string DataDirectory,
    SqliteSettings Sqlite,
    PostgresSettings Postgres,
    JournalSettings Journal,
    SnapshotSettings Snapshots)
{
    private const string Section = "raftqueue.storage";

    /// <summary>The defaults, as embedded with the assembly.</summary>
    public static Config DefaultConfig { get; } =
        ConfigurationFactory.FromResource<StorageSettings>("RaftQueue.Node.Storage.reference.conf");

    /// <summary>
    /// Reads <c>raftqueue.storage</c> out of a whole configuration; what it leaves out takes the default.
    /// </summary>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown, ill-typed or out of its bounds.</exception>
    public static StorageSettings Create(Config config)
    {
        var keys = SettingsReader.Open(config, DefaultConfig, Section);
        var settings = new StorageSettings(
            keys.OneOf<StorageProvider>("provider"),
            keys.Text("data-directory"),
            SqliteSettings.Read(keys),
            PostgresSettings.Read(keys),
            JournalSettings.Read(keys),
            SnapshotSettings.Read(keys));
        if (settings.Provider == StorageProvider.Postgres && settings.Postgres.ConnectionString.Length == 0)
            throw keys.Refuse("postgres.connection-string", "is required with provider = postgres, and is empty.");
        if (settings.Provider == StorageProvider.Postgres && PostgresDatabase.ProblemOf(settings.Postgres.ConnectionString) is { } problem)
            throw keys.Refuse("postgres.connection-string", problem);
        return settings;
    }
}

/// <summary>How the two SQLite files are called and tuned (<c>raftqueue.storage.sqlite</c>).</summary>
public sealed record SqliteSettings(
    string JournalFile,
    string SnapshotFile,
    int WalAutoCheckpointPages,
    long WalSizeLimitBytes,
    TimeSpan BusyTimeout)
{
    internal static SqliteSettings Read(SettingsReader keys)
    {
        var settings = new SqliteSettings(
            keys.FileName("sqlite.journal-file"),
            keys.FileName("sqlite.snapshot-file"),
            keys.Whole("sqlite.wal-autocheckpoint", min: 1, max: 1_000_000),
            keys.Bytes("sqlite.wal-size-limit", min: 0),
            keys.Duration("sqlite.busy-timeout"));
        return settings.JournalFile != settings.SnapshotFile
            ? settings
            : throw keys.Refuse("sqlite.snapshot-file", "must differ from sqlite.journal-file: SQLite has one writer per file.");
    }
}

/// <summary>
/// Which PostgreSQL database is used (<c>raftqueue.storage.postgres</c>); an empty schema is derived from the node's name.
/// </summary>
public sealed record PostgresSettings(string ConnectionString, string ProviderName, string Schema)
{
    internal static PostgresSettings Read(SettingsReader keys) => new(
        keys.TextOrEmpty("postgres.connection-string"),
        keys.Text("postgres.provider-name"),
        keys.TextOrEmpty("postgres.schema"));
}

/// <summary>How the journal plugin reads and when it gives up (<c>raftqueue.storage.journal</c>).</summary>
public sealed record JournalSettings(int ReplayBatchSize, TimeSpan RecoveryEventTimeout, BreakerSettings Breaker)
{
    internal static JournalSettings Read(SettingsReader keys) => new(
        keys.Whole("journal.replay-batch-size", min: 1, max: 100_000),
        keys.Duration("journal.recovery-event-timeout"),
        BreakerSettings.Read(keys, "journal"));
}

/// <summary>When the snapshot plugin and requests to it give up (<c>raftqueue.storage.snapshots</c>).</summary>
public sealed record SnapshotSettings(TimeSpan AskTimeout, BreakerSettings Breaker)
{
    internal static SnapshotSettings Read(SettingsReader keys) => new(
        keys.Duration("snapshots.ask-timeout"),
        BreakerSettings.Read(keys, "snapshots"));
}

/// <summary>The circuit breaker around a plugin's calls to its database.</summary>
public sealed record BreakerSettings(TimeSpan CallTimeout, int MaxFailures, TimeSpan ResetTimeout)
{
    internal static BreakerSettings Read(SettingsReader keys, string plugin) => new(
        keys.Duration($"{plugin}.call-timeout"),
        keys.Whole($"{plugin}.max-failures", min: 1, max: 1_000),
        keys.Duration($"{plugin}.reset-timeout"));
}
