using Akka.Persistence;
using Microsoft.Data.Sqlite;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>What is the snapshot store's own: how rows get to the disk. That they come back is the storage contract's.</summary>
public sealed class SqliteSnapshotTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(10, 1000, 1, 2)] // what is saved while a transaction is on its way shares the next one
    [InlineData(12, 1024 * 1024, 3, 4)] // but for 4 MiB at the most, so that the journal need not wait long for the disk; the first may have gone alone
    public async Task What_is_saved_at_the_same_time_shares_transactions(int snapshots, int bytes, int fewest, int most)
    {
        await MakeTablesAsync();
        using var reader = Open(); // the last connection to leave would clear the write-ahead log away
        Assert.Equal(0, reader.Count("snapshot"));
        using (var writer = new SqliteSnapshotWriter(Open))
        {
            using (new SqliteLock(Open()))
            {
                foreach (var number in Enumerable.Range(1, snapshots))
                    _ = writer.ChangeAsync(Row(number, bytes));
            }
        }

        Assert.Equal(snapshots, reader.Count("snapshot"));
        Assert.InRange(SqliteFile.Commits(Path), fewest, most);
    }

    [Fact]
    public async Task A_snapshot_takes_the_place_of_one_with_its_owner_and_number()
    {
        await MakeTablesAsync();
        using var writer = new SqliteSnapshotWriter(Open);
        await writer.ChangeAsync(Row(1, 1000));
        await writer.ChangeAsync(Row(1, 10));
        using var reader = Open();
        Assert.Equal(1, reader.Count("snapshot"));
        Assert.Equal(1, reader.Count("snapshot where length(snapshot) = 10"));
    }

    [Fact]
    public async Task Saves_and_deletions_happen_in_their_order()
    {
        await MakeTablesAsync();
        using var reader = Open(); // the last connection to leave would clear the write-ahead log away
        Assert.Equal(0, reader.Count("snapshot"));
        using (var writer = new SqliteSnapshotWriter(Open))
        {
            using (new SqliteLock(Open()))
            {
                foreach (var number in Enumerable.Range(1, 5))
                    _ = writer.ChangeAsync(Row(number, 10));
                _ = writer.ChangeAsync(Row(2, 10) with { PersistenceId = "another" });
                _ = writer.ChangeAsync(new SnapshotDeletion("owner", 2, 4));
                _ = writer.ChangeAsync(Row(3, 10));
            }
        }

        Assert.Equal(3, reader.Count("snapshot where persistence_id = 'owner' and sequence_number in (1, 3, 5)"));
        Assert.Equal(4, reader.Count("snapshot"));
        Assert.InRange(SqliteFile.Commits(Path), 1, 2);
    }

    [Fact]
    public async Task After_a_failed_save_the_next_one_is_tried_anew()
    {
        await MakeTablesAsync();
        var isBroken = true;
        using var writer = new SqliteSnapshotWriter(() => Volatile.Read(ref isBroken) ? throw new SqliteException("The disk is gone", 10) : Open());
        await Assert.ThrowsAsync<SqliteException>(() => writer.ChangeAsync(Row(1, 10)));
        Volatile.Write(ref isBroken, false);
        await writer.ChangeAsync(Row(2, 10));
        using var reader = Open();
        Assert.Equal(1, reader.Count("snapshot where sequence_number = 2"));
        Assert.Equal(1, reader.Count("snapshot"));
    }

    [Fact]
    public async Task What_was_handed_over_before_the_end_is_written()
    {
        await MakeTablesAsync();
        Task save;
        using (var writer = new SqliteSnapshotWriter(Open))
            save = writer.ChangeAsync(Row(1, 10));
        Assert.True(save.IsCompletedSuccessfully);
        using var reader = Open();
        Assert.Equal(1, reader.Count("snapshot"));
    }

    private string Path => _folder.PathOf("data/snapshots.db");

    private static SnapshotRow Row(long number, int bytes) => new("owner", number, new byte[bytes], Serializer: 4, Manifest: "", Created: 0);

    private SqliteConnection Open()
    {
        var connection = SqliteFile.Open(Path);
        using var pragma = connection.CreateCommand();
        pragma.CommandText = "pragma wal_autocheckpoint = 0"; // the write-ahead log would begin anew, and its commits could not be counted
        pragma.ExecuteNonQuery();
        return connection;
    }

    private async Task MakeTablesAsync()
    {
        await using var node = RunningStorage.Start($"raftqueue.storage.data-directory = \"{_folder.PathOf("data")}\"", "n1");
        using var inbox = Akka.Actor.Inbox.Create(node.System);
        inbox.Send(Persistence.Instance.Apply(node.System).SnapshotStoreFor(StoragePlugins.SnapshotStoreId), new LoadSnapshot("nobody", SnapshotSelectionCriteria.Latest, long.MaxValue));
        Assert.IsType<LoadSnapshotResult>(inbox.Receive(Deadline));
    }
}
