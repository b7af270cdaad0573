using Akka.Actor;
using Microsoft.Data.Sqlite;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Storage;
using RaftQueue.Node.Tests.Wire;
using Xunit;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The memory of a replica on a real SQLite file.</summary>
public sealed class RaftJournalTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_fresh_node_remembers_that_it_knows_of_no_members_before_its_replica_exists()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var memory = bench.ExpectStart().Memory;
        Assert.True(memory.Log.IsBlank);
        Assert.Equal(1, Scalar("select count(*) from journal"));
    }

    [Fact]
    public async Task Recovery_is_the_fold_over_what_was_remembered_and_nothing_else()
    {
        Memory lived;
        await using (var bench = JournalBench.OnSqlite(_folder))
        {
            bench.Start();
            var replica = new Rememberer(bench.ExpectStart());
            replica.Remember([new Voted(new Term(1), Members.Node(2))]);
            for (var i = 0; i < 5; i++)
                replica.Append();
            replica.Remember([new LogTruncated(new LogIndex(4)), new Voted(new Term(2), null)]);
            var last = replica.Remember([new EntriesAppended([Members.Command(4, 2, 9, 9)])]);
            bench.Raft.FishForMessage<Remembered>(remembered => remembered.Number == last.Number, JournalBench.Deadline);
            lived = replica.Memory;
        }

        AssertEqual(lived, await Recover());
        AssertEqual(lived, await Recover()); // recovering changes nothing
    }

    [Fact]
    public async Task What_waits_for_the_disk_is_sent_when_it_is_remembered_and_in_order()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        for (var round = 1; round <= 20; round++)
            replica.Append(Rememberer.Acknowledgement(round));
        for (var round = 1; round <= 20; round++)
            Assert.Equal(round, ((AppendReply)bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).Round);
    }

    [Fact]
    public async Task What_arrives_while_a_write_is_in_flight_becomes_one_record()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        const int Count = 500;
        var last = replica.Append();
        while (last.Number < Count)
            last = replica.Append();
        var remembered = (Remembered)bench.Raft.FishForMessage(
            message => message is Remembered { Number: Count }, JournalBench.Deadline);
        Assert.Equal((last.Number, last.Mark), (remembered.Number, remembered.Mark));
        Assert.InRange(Scalar("select count(*) from journal"), 2, Count / 2);
        Assert.Equal(Count, (await RecoverAfter(bench)).Log.LastIndex.Value);
    }

    [Fact]
    public async Task What_has_nothing_to_remember_waits_only_for_what_came_before()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        replica.Append(Rememberer.Acknowledgement(1));
        replica.Remember([], Rememberer.Acknowledgement(2));
        Assert.Equal(1, ((AppendReply)bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).Round);
        Assert.Equal(2, ((AppendReply)bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).Round);
        bench.Raft.FishForMessage<Remembered>(remembered => remembered.Number == 2, JournalBench.Deadline);
        Assert.Equal(2, Scalar("select count(*) from journal"));
    }

    [Fact]
    public async Task A_compacted_journal_begins_with_a_checkpoint_and_remembers_the_same()
    {
        Memory lived;
        await using (var bench = JournalBench.OnSqlite(_folder))
        {
            lived = await Compact(bench);
        }

        AssertEqual(lived, await Recover());
    }

    [Fact]
    public async Task A_checkpoint_waits_until_enough_is_written_of_which_former_lives_have_their_part()
    {
        Memory lived;
        await using (var bench = JournalBench.OnSqlite(_folder))
        {
            lived = AppendAndCompact(bench, checkpointBytes: long.MaxValue).Memory;
        }

        Assert.Equal(0, Scalar("select count(*) from snapshot", "snapshots.db"));
        AssertEqual(lived, await Recover());
        var written = Scalar("select sum(length(message)) from journal");
        await using (var bench = JournalBench.OnSqlite(_folder))
        {
            lived = AppendAndCompact(bench, checkpointBytes: written + 1).Memory;
            await bench.Kit.AwaitConditionAsync(() => Task.FromResult(Scalar("select count(*) from snapshot", "snapshots.db") == 1), JournalBench.Deadline);
        }

        AssertEqual(lived, await Recover());
    }

    [Fact]
    public async Task Old_snapshots_may_go_only_when_the_log_no_longer_needs_them()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        replica.Append();
        replica.Append();
        bench.Snapshots.ExpectNoMsg(TimeSpan.Zero);
        var meta = replica.Memory.Log.MetaAt(new LogIndex(2));
        replica.Remember([new LogCompacted(meta, new LogIndex(2))]);
        Assert.Equal(2, bench.Snapshots.ExpectMsg<Compacted>(JournalBench.Deadline).Base.Value);
        Assert.True(Scalar("select max(sequence_number) from journal") >= 2); // it is on disk by then
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task Pitfall_09_a_flipped_byte_in_any_record_is_named_and_never_taken_for_the_end_of_the_log(int record)
    {
        await WriteSixRecords();
        FlipLastByte("journal.db", "journal", "message", $"sequence_number = {record}");
        await AssertRefused($"journal record {record}");
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Pitfall_09_a_record_that_is_missing_is_named(int record)
    {
        await WriteSixRecords();
        Execute($"delete from journal where sequence_number = {record}");
        await AssertRefused($"After record {record - 1} of the journal comes record {record + 1}");
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(2)]
    [InlineData(6)]
    public async Task Pitfall_09_a_record_that_is_cut_short_is_named(int record)
    {
        await WriteSixRecords();
        Execute($"update journal set message = substr(message, 1, length(message) / 2) where sequence_number = {record}");
        await AssertRefused("is damaged");
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_09_a_missing_checkpoint_is_not_taken_for_an_empty_log()
    {
        await using (var bench = JournalBench.OnSqlite(_folder))
            await Compact(bench);
        Execute("delete from snapshot", "snapshots.db");
        await AssertRefused("what lies between is missing");
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_09_a_damaged_checkpoint_is_refused()
    {
        await using (var bench = JournalBench.OnSqlite(_folder))
            await Compact(bench);
        FlipLastByte("snapshots.db", "snapshot", "snapshot", "true");
        await AssertRefused("checkpoint");
    }

    [Fact]
    public async Task A_child_that_fails_takes_the_whole_replica_down_and_it_comes_back_with_what_is_on_disk()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var first = bench.ExpectStart();
        var replica = new Rememberer(first);
        replica.Remember([new Voted(new Term(4), Members.Node(3))]);
        bench.Raft.ExpectMsg<Remembered>(JournalBench.Deadline);
        bench.Starts.Watch(first.Journal);
        first.Child.Tell(new Poison());
        bench.Starts.ExpectTerminated(first.Journal, JournalBench.Deadline);
        AssertEqual(replica.Memory, bench.ExpectStart().Memory);
    }

    private static void AssertEqual(Memory expected, Memory actual) =>
        Assert.Equal(ValueText.Of(expected.ToCheckpoint()), ValueText.Of(actual.ToCheckpoint()));

    private async Task<Memory> RecoverAfter(JournalBench bench)
    {
        await bench.DisposeAsync();
        return await Recover();
    }

    private async Task<Memory> Recover()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        return bench.ExpectStart().Memory;
    }

    private async Task WriteSixRecords()
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        replica.Remember([new Voted(new Term(1), Members.Node(1))]);
        bench.Raft.ExpectMsg<Remembered>(JournalBench.Deadline);
        for (var record = 3; record <= 6; record++)
        {
            replica.Append();
            bench.Raft.ExpectMsg<Remembered>(JournalBench.Deadline);
        }
    }

    private static Rememberer AppendAndCompact(JournalBench bench, long checkpointBytes)
    {
        bench.Start(checkpointBytes: checkpointBytes);
        var replica = new Rememberer(bench.ExpectStart());
        replica.Append();
        replica.Append();
        var last = replica.Memory.Log.LastIndex;
        replica.Remember([new LogCompacted(replica.Memory.Log.MetaAt(last), last)]);
        bench.Snapshots.ExpectMsg<Compacted>(JournalBench.Deadline);
        replica.Append(); // when that is remembered, a checkpoint would be on its way
        bench.Raft.FishForMessage<Remembered>(remembered => remembered.Number == 4, JournalBench.Deadline);
        return replica;
    }

    private async Task<Memory> Compact(JournalBench bench)
    {
        bench.Start();
        var replica = new Rememberer(bench.ExpectStart());
        replica.Remember([new Voted(new Term(1), Members.Node(1))]);
        for (var i = 0; i < 9; i++)
            replica.Append();
        replica.Remember([new LogCompacted(replica.Memory.Log.MetaAt(new LogIndex(8)), new LogIndex(6))]);
        bench.Snapshots.ExpectMsg<Compacted>(JournalBench.Deadline);
        await bench.Kit.AwaitConditionAsync(() => Task.FromResult(Scalar("select count(*) from snapshot", "snapshots.db") == 1), JournalBench.Deadline);
        var checkpoint = Scalar("select sequence_number from snapshot", "snapshots.db");
        await bench.Kit.AwaitConditionAsync(
            () => Task.FromResult(Scalar($"select count(*) from journal where deleted = 0 and sequence_number <= {checkpoint}") == 0), JournalBench.Deadline);
        return replica.Memory;
    }

    private async Task AssertRefused(string reason)
    {
        await using var bench = JournalBench.OnSqlite(_folder);
        await bench.Kit.EventFilter.Error(contains: reason).ExpectAsync(1, JournalBench.Deadline, () =>
        {
            bench.Start(backoff: Long);
            return Task.CompletedTask;
        });
        bench.Starts.ExpectNoMsg(TimeSpan.FromMilliseconds(50));
    }

    private long Scalar(string sql, string file = "journal.db")
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private void Execute(string sql, string file = "journal.db")
    {
        using var connection = Open(file);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(command.ExecuteNonQuery() > 0, $"Nothing was changed by {sql}");
    }

    private void FlipLastByte(string file, string table, string column, string where)
    {
        using var connection = Open(file);
        using var read = connection.CreateCommand();
        read.CommandText = $"select {column} from {table} where {where}";
        var bytes = (byte[])read.ExecuteScalar()!;
        bytes[^1] ^= 1;
        using var write = connection.CreateCommand();
        write.CommandText = $"update {table} set {column} = @bytes where {where}";
        write.Parameters.AddWithValue("@bytes", bytes);
        Assert.Equal(1, write.ExecuteNonQuery());
    }

    private SqliteConnection Open(string file)
    {
        var connection = new SqliteConnection($"Data Source={_folder.PathOf("data/" + file)};Pooling=false");
        connection.Open();
        return connection;
    }
}
