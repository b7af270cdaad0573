using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public sealed class StorageSettingsTests
{
    [Fact]
    public void An_empty_configuration_takes_every_default()
    {
        var settings = StorageSettings.Create(Config.Empty);
        var breaker = new BreakerSettings(TimeSpan.FromSeconds(30), 5, TimeSpan.FromSeconds(10));
        Assert.Equal(
            new StorageSettings(
                StorageProvider.Sqlite,
                "data",
                new SqliteSettings("journal.db", "snapshots.db", 2000, 64 * 1024 * 1024, TimeSpan.FromSeconds(10)),
                new PostgresSettings("", "PostgreSQL.15", ""),
                new JournalSettings(32, TimeSpan.FromSeconds(60), breaker),
                new SnapshotSettings(TimeSpan.FromSeconds(60), breaker)),
            settings);
    }

    [Fact]
    public void A_configuration_overrides_single_keys()
    {
        var settings = Read("{ data-directory = /var/lib/n1, sqlite.busy-timeout = 250ms, journal { max-failures = 2 } }");
        Assert.Equal("/var/lib/n1", settings.DataDirectory);
        Assert.Equal(TimeSpan.FromMilliseconds(250), settings.Sqlite.BusyTimeout);
        Assert.Equal(2, settings.Journal.Breaker.MaxFailures);
        Assert.Equal(5, settings.Snapshots.Breaker.MaxFailures);
    }

    [Theory]
    [InlineData("provider = oracle", "provider")]
    [InlineData("provider = 1", "provider")]
    [InlineData("provider = \"\"", "provider")]
    [InlineData("provider = postgres", "postgres.connection-string")]
    [InlineData("provider { name = sqlite }", "provider")]
    [InlineData("provider = [sqlite, postgres]", "provider")]
    [InlineData("data-directory = \"\"", "data-directory")]
    [InlineData("data-dir = data", "data-dir")]
    [InlineData("sqlite = yes", "sqlite")]
    [InlineData("sqlite.file = x.db", "sqlite.file")]
    [InlineData("sqlite.journal-file = \"../journal.db\"", "sqlite.journal-file")]
    [InlineData("sqlite.journal-file = snapshots.db", "sqlite.snapshot-file")]
    [InlineData("sqlite.wal-autocheckpoint = many", "sqlite.wal-autocheckpoint")]
    [InlineData("sqlite.wal-autocheckpoint = 0", "sqlite.wal-autocheckpoint")]
    [InlineData("sqlite.wal-size-limit = wide", "sqlite.wal-size-limit")]
    [InlineData("sqlite.busy-timeout = soon", "sqlite.busy-timeout")]
    [InlineData("sqlite.busy-timeout = -1s", "sqlite.busy-timeout")]
    [InlineData("sqlite.busy-timeout = infinite", "sqlite.busy-timeout")]
    [InlineData("journal.replay-batch-size = 1.5", "journal.replay-batch-size")]
    [InlineData("journal.call-timeout = 0s", "journal.call-timeout")]
    [InlineData("snapshots.ask-timeout { seconds = 1 }", "snapshots.ask-timeout")]
    public void A_bad_value_is_refused_with_its_path(string hocon, string key)
    {
        var refusal = Assert.Throws<RaftQueueConfigurationException>(() => Read("{ " + hocon + " }"));
        Assert.Equal("raftqueue.storage." + key, refusal.Path);
        Assert.StartsWith($"raftqueue.storage.{key}: ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres { connection-string = \"what=ever\" }", "postgres.connection-string")]
    [InlineData("postgres { connection-string = \"Host=127.0.0.1\", schema = \"a\\\"b\" }", "postgres.schema")]
    public void A_bad_database_setting_is_refused_before_anything_is_connected(string hocon, string key)
    {
        using var folder = new TemporaryFolder();
        var settings = $"{{ provider = postgres, data-directory = \"{folder.PathOf("data")}\", {hocon} }}";
        var refusal = Assert.Throws<RaftQueueConfigurationException>(() => NodeStorage.Open(Read(settings), "n1"));
        Assert.Equal("raftqueue.storage." + key, refusal.Path);
    }

    [Fact]
    public void A_database_that_cannot_be_reached_is_refused_without_its_password()
    {
        using var folder = new TemporaryFolder();
        var settings = Read(
            $"{{ provider = postgres, data-directory = \"{folder.PathOf("data")}\", " +
            "postgres.connection-string = \"Host=127.0.0.1;Port=1;Username=u;Password=hush;Timeout=2\" }");
        var refusal = Assert.Throws<StorageException>(() => NodeStorage.Open(settings, "n1"));
        Assert.Contains("127.0.0.1:1", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", refusal.ToString(), StringComparison.Ordinal);
        DataDirectory.Open(settings.DataDirectory, "n1").Dispose(); // and the directory is free again
    }

    private static StorageSettings Read(string section) =>
        StorageSettings.Create(ConfigurationFactory.ParseString("raftqueue.storage " + section));
}
