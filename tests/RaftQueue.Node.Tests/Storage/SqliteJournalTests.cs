using Akka.Actor;
using Akka.Persistence;
using Microsoft.Data.Sqlite;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>What is the journal's own: how rows get to the disk. That they come back is the storage contract's.</summary>
public sealed class SqliteJournalTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_handed_over_while_a_write_is_on_its_way_shares_the_next_transaction()
    {
        await MakeTablesAsync();
        using var reader = Open(); // the last connection to leave would clear the write-ahead log away
        Assert.Equal(0, reader.Count("journal where persistence_id like 'owner %'"));
        using (var writer = new SqliteJournalWriter(Open))
        {
            using (Lock())
            {
                foreach (var owner in Enumerable.Range(1, 10))
                    _ = writer.WriteAsync([Row($"owner {owner}", 1)]);
            }
        }

        Assert.Equal(10, reader.Count("journal where persistence_id like 'owner %'"));
        Assert.InRange(Commits(), 1, 2);
    }

    [Fact]
    public async Task The_rows_of_a_write_are_stored_all_or_none()
    {
        await MakeTablesAsync();
        using var writer = new SqliteJournalWriter(Open);
        await Assert.ThrowsAsync<SqliteException>(() => writer.WriteAsync([Row("a", 1), Row("a", 1)]));
        Assert.Equal(0, CountOf("a"));
    }

    [Fact]
    public async Task After_a_failed_write_the_next_one_is_tried_anew()
    {
        await MakeTablesAsync();
        using var writer = new SqliteJournalWriter(Open);
        await writer.WriteAsync([Row("a", 1)]);
        await Assert.ThrowsAsync<SqliteException>(() => writer.WriteAsync([Row("a", 1)]));
        await writer.WriteAsync([Row("a", 2)]);
        Assert.Equal(2, CountOf("a"));
    }

    [Fact]
    public async Task What_was_handed_over_before_the_end_is_written()
    {
        await MakeTablesAsync();
        Task write;
        using (var writer = new SqliteJournalWriter(Open))
            write = writer.WriteAsync([Row("a", 1)]);
        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal(1, CountOf("a"));
    }

    [Fact]
    public async Task A_long_deletion_goes_along_with_a_write_and_then_by_itself()
    {
        await MakeTablesAsync();
        using var reader = Open(); // the last connection to leave would clear the write-ahead log away
        using var writer = new SqliteJournalWriter(Open);
        await writer.WriteAsync([.. Enumerable.Range(1, 100).Select(number => Row("a", number))]);
        var before = Commits();

        Task deletion, write;
        using (Lock())
        {
            deletion = writer.DeleteAsync("a", through: 90);
            write = writer.WriteAsync([Row("a", 101)]);
        }
        Assert.Same(write, await Task.WhenAny(write, deletion));
        await deletion;

        Assert.Equal(12, CountOf("a")); // 91 to 101, and 90 marked
        Assert.Equal(1, CountOf("a' and deleted = 1 and sequence_number = '90"));
        Assert.InRange(Commits() - before, 7, 90); // 2 of 89 with the write, then at most 2, 4, 8, 16, 32 and the rest
    }

    [Fact]
    public async Task What_is_not_deleted_at_the_end_is_left_to_the_next_deletion()
    {
        await MakeTablesAsync();
        Task deletion;
        using (var writer = new SqliteJournalWriter(Open))
        {
            await writer.WriteAsync([.. Enumerable.Range(1, 1000).Select(number => Row("a", number))]);
            using (Lock())
            {
                _ = writer.WriteAsync([Row("a", 1001)]);
                deletion = writer.DeleteAsync("a", through: 990);
            }
        }

        Assert.True(deletion.IsCanceled);
        using (var writer = new SqliteJournalWriter(Open))
            await writer.DeleteAsync("a", through: 1000);
        Assert.Equal(2, CountOf("a"));
    }

    [Fact]
    public async Task What_is_deleted_is_not_replayed_and_the_highest_number_remains_known()
    {
        await using var node = Start();
        await node.Remember("other").Ask<long>(new byte[] { 1 }, Deadline);
        var journal = Persistence.Instance.Apply(node.System).JournalFor(StoragePlugins.JournalId);
        using var inbox = Inbox.Create(node.System);
        var entries = Enumerable.Range(1, 3).Select(number => new Persistent(new[] { (byte)number }, number, "mine", writerGuid: "it"));
        inbox.Send(journal, new WriteMessages([new AtomicWrite([.. entries])], inbox.Receiver, 1));
        inbox.ReceiveWhere(message => message is WriteMessageSuccess { Persistent.SequenceNr: 3 }, Deadline);

        inbox.Send(journal, new DeleteMessagesTo("mine", toSequenceNr: 3, inbox.Receiver));
        inbox.ReceiveWhere(message => message is DeleteMessagesSuccess, Deadline);
        inbox.Send(journal, new ReplayMessages(1, long.MaxValue, long.MaxValue, "mine", inbox.Receiver));

        var found = (RecoverySuccess)inbox.ReceiveWhere(message => message is ReplayedMessage or RecoverySuccess, Deadline);
        Assert.Equal(3, found.HighestSequenceNr);
    }

    [Fact]
    public async Task A_write_touches_no_index_that_nobody_asks()
    {
        await MakeTablesAsync();
        using var connection = Open();
        using var indexes = connection.CreateCommand();
        indexes.CommandText = "select group_concat(name) from sqlite_master where type = 'index' and tbl_name = 'journal'";
        Assert.Equal("journal_uq", indexes.ExecuteScalar());
    }

    [Fact]
    public async Task A_recovery_finds_what_its_former_life_was_still_writing()
    {
        await using var node = Start();
        await node.Remember("other").Ask<long>(new byte[] { 1 }, Deadline);
        var journal = Persistence.Instance.Apply(node.System).JournalFor(StoragePlugins.JournalId);
        using var inbox = Inbox.Create(node.System);
        using (Lock())
        {
            var entry = new Persistent(new byte[] { 7 }, sequenceNr: 1, persistenceId: "mine", writerGuid: "former life");
            inbox.Send(journal, new WriteMessages([new AtomicWrite(entry)], inbox.Receiver, 1));
            inbox.Send(journal, new ReplayMessages(1, long.MaxValue, long.MaxValue, "mine", inbox.Receiver));
        }

        var found = (ReplayedMessage)inbox.ReceiveWhere(message => message is ReplayedMessage or RecoverySuccess, Deadline);
        Assert.Equal(new byte[] { 7 }, found.Persistent.Payload);
    }

    private static JournalRow Row(string persistenceId, long number) => new(persistenceId, number, [1, 2, 3], 4, "", "writer", 0);

    private RunningStorage Start() => RunningStorage.Start($"raftqueue.storage.data-directory = \"{_folder.PathOf("data")}\"", "n1");

    private async Task MakeTablesAsync()
    {
        await using var node = Start();
        await node.Remember("first").Ask<long>(new byte[] { 1 }, Deadline);
    }

    private SqliteConnection Open() => SqliteFile.Open(_folder.PathOf("data/journal.db"));

    private SqliteLock Lock() => new(Open());

    private int Commits() => SqliteFile.Commits(_folder.PathOf("data/journal.db"));

    private long CountOf(string owner)
    {
        using var connection = Open();
        return connection.Count($"journal where persistence_id = '{owner}'");
    }
}
