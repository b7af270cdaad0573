using System.Data.Common;
using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using LinqToDB;
using LinqToDB.Data;
using Microsoft.Data.Sqlite;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public sealed class SqliteStorageTests : StorageContract
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    protected override string Hocon => $$"""
        raftqueue.storage {
          data-directory = "{{Folder.PathOf("data")}}"
          sqlite.wal-autocheckpoint = 1234
        }
        """;

    protected override string Table(string name) => name;

    protected override DbConnection Connect(string table) => Open(table == "snapshot" ? "snapshots.db" : "journal.db");

    [Theory]
    [InlineData("busy_timeout", 10_000)]
    [InlineData("synchronous", 2)]
    [InlineData("page_size", 8 * 1024)]
    [InlineData("wal_autocheckpoint", 1234)]
    [InlineData("journal_size_limit", 64 * 1024 * 1024)]
    public void A_pooled_connection_has_its_pragmas_whenever_it_is_opened(string pragma, long expected)
    {
        var connectionString = $"Data Source={Folder.PathOf("pragmas.db")}";
        var options = new DataOptions()
            .UseConnectionString(ProviderName.SQLiteMS, connectionString)
            .UseInterceptor(new SqlitePragmas(StorageSettings.Create(ConfigurationFactory.ParseString(Hocon)).Sqlite));
        for (var use = 0; use < 3; use++)
        {
            using var connection = new DataConnection(options);
            Assert.Equal(expected, connection.Execute<long>($"PRAGMA {pragma}"));
            Assert.Equal("wal", connection.Execute<string>("PRAGMA journal_mode"));
        }
        using var plain = new SqliteConnection(connectionString);
        SqliteConnection.ClearPool(plain);
    }

    [Fact]
    public async Task Journal_and_snapshots_are_two_files_in_wal_mode()
    {
        await using var node = Start();
        await node.Remember("raftqueue/0").Ask<long>(new byte[] { 1 }, Deadline);
        await node.Pieces.SavePieceAsync("raftqueue/0/pieces", 1, new byte[] { 1 });
        Assert.Equal(
            ["identity", "journal.db", "journal.db-shm", "journal.db-wal", "lock", "snapshots.db", "snapshots.db-shm", "snapshots.db-wal"],
            Directory.GetFiles(node.Storage.DirectoryPath).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(1, Count("journal.db", "journal"));
        Assert.Equal(0, Count("journal.db", "sqlite_master where name = 'snapshot'"));
        Assert.Equal(1, Count("snapshots.db", "snapshot"));
    }

    [Fact]
    public async Task A_write_to_the_snapshots_does_not_hold_up_the_journal()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync("raftqueue/0/pieces", 1, new byte[] { 1 });
        using var connection = Open("snapshots.db");
        using var writing = connection.BeginTransaction(); // takes the write lock
        Assert.Equal(1, await node.Remember("raftqueue/0").Ask<long>(new byte[] { 1 }, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Reading_waits_for_no_write()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync("raftqueue/0/pieces", 1, new byte[] { 1 });
        await node.Remember("raftqueue/0").Ask<long>(new byte[] { 1 }, Deadline);
        using var snapshots = Open("snapshots.db");
        using var writingSnapshots = snapshots.BeginTransaction();
        using var journal = Open("journal.db");
        using var writingJournal = journal.BeginTransaction();
        var watch = Stopwatch.StartNew();
        Assert.NotNull(await node.Pieces.LoadPieceAsync("raftqueue/0/pieces", 1));
        Assert.Single(await node.Remember("raftqueue/0").Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(9), $"The reads took {watch.Elapsed}; the busy timeout is 10 s.");
    }

    [Fact]
    public async Task A_wiped_node_starts_empty_in_the_same_process_with_a_fresh_incarnation()
    {
        Guid first;
        await using (var node = Start())
        {
            first = node.Storage.Incarnation;
            await node.Remember("raftqueue/0").Ask<long>(new byte[] { 1 }, Deadline);
        }
        Directory.Delete(Folder.PathOf("data"), recursive: true);
        await using var wiped = Start();
        Assert.NotEqual(first, wiped.Storage.Incarnation);
        Assert.Empty(await wiped.Remember("raftqueue/0").Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
        Assert.True(File.Exists(Folder.PathOf("data/journal.db")));
    }

    [Fact]
    public void A_journal_that_is_no_database_is_refused_by_name()
    {
        Directory.CreateDirectory(Folder.PathOf("data"));
        File.WriteAllText(Folder.PathOf("data/journal.db"), new string('x', 5000));
        Assert.Contains(Folder.PathOf("data"), Assert.Throws<StorageException>(() => Start()).Message, StringComparison.Ordinal);
    }

    private long Count(string file, string from)
    {
        using var connection = Open(file);
        return connection.Count(from);
    }

    private SqliteConnection Open(string file) => SqliteFile.Open(Folder.PathOf("data/" + file));
}
