using System.Data.Common;
using System.Text;
using Akka.Actor;
using Akka.Persistence;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>What every database must do for a node.</summary>
public abstract class StorageContract : IDisposable
{
    private const string Owner = "raftqueue/0/pieces";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    /// <summary>The data directory of the node under test lies in here.</summary>
    protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Another name in each test, as PostgreSQL keeps the nodes of all tests in one database.</summary>
    protected string Node { get; } = $"n{Guid.NewGuid():n}";

    /// <summary>The storage section for the node, its data in <see cref="Folder"/>.</summary>
    protected abstract string Hocon { get; }

    /// <summary>The name of a table for SQL, in the database of <see cref="Connect"/>.</summary>
    protected abstract string Table(string name);

    /// <summary>Goes behind the node's back to the database that holds a table.</summary>
    protected abstract DbConnection Connect(string table);

    protected RunningStorage Start() => RunningStorage.Start(Hocon, Node);

    [Fact]
    public virtual async Task Events_are_recovered_in_order_after_a_restart()
    {
        var events = Enumerable.Range(0, 100).Select(n => Encoding.UTF8.GetBytes($"event {n}")).Append([]).ToArray();
        await using (var first = Start())
        {
            var actor = first.Remember("raftqueue/0");
            for (var n = 0; n < events.Length; n++)
                Assert.Equal(n + 1, await actor.Ask<long>(events[n], Deadline));
        }
        await using var second = Start();
        Assert.Equal(events, await second.Remember("raftqueue/0").Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
    }

    [Fact]
    public virtual async Task Large_events_of_several_actors_that_share_a_transaction_are_all_stored()
    {
        const int Groups = 8;
        var large = new byte[1 << 20];
        Random.Shared.NextBytes(large);
        await using (var first = Start())
        {
            var actors = Enumerable.Range(0, Groups).Select(group => first.Remember($"raftqueue/{group}")).ToArray();
            await Task.WhenAll(actors.Select(actor => actor.Ask<long>(new byte[] { 1 }, Deadline)));
            await Task.WhenAll(actors.Select(actor => actor.Ask<long>(large, Deadline)));
        }
        await using var second = Start();
        foreach (var group in Enumerable.Range(0, Groups))
        {
            var recovered = await second.Remember($"raftqueue/{group}").Ask<byte[][]>(new RememberingActor.Recall(), Deadline);
            Assert.Equal(2, recovered.Length);
            Assert.True(large.AsSpan().SequenceEqual(recovered[1]), $"Group {group} recovered other bytes.");
        }
    }

    [Fact]
    public virtual async Task Deleted_events_stay_deleted_and_their_numbers_are_not_used_again()
    {
        await using (var first = Start())
        {
            var done = new TaskCompletionSource<object>();
            var actor = first.Remember("raftqueue/0", first.Listen(done));
            for (byte n = 1; n <= 5; n++)
                await actor.Ask<long>(new[] { n }, Deadline);
            actor.Tell(new RememberingActor.Forget(Through: 5));
            Assert.Equal(5, Assert.IsType<DeleteMessagesSuccess>(await done.Task.WaitAsync(Deadline)).ToSequenceNr);
        }
        await using var second = Start();
        var again = second.Remember("raftqueue/0");
        Assert.Empty(await again.Ask<byte[][]>(new RememberingActor.Recall(), Deadline));
        Assert.Equal(6, await again.Ask<long>(new byte[] { 6 }, Deadline));
    }

    [Fact]
    public virtual async Task A_failed_write_reaches_the_actor_as_a_persist_failure()
    {
        await using var node = Start();
        var failure = new TaskCompletionSource<object>();
        var actor = node.Remember("raftqueue/0", node.Listen(failure));
        Assert.Equal(1, await actor.Ask<long>(new byte[] { 1 }, Deadline));
        Execute("journal", $"alter table {Table("journal")} rename to elsewhere");
        actor.Tell(new byte[] { 2 });
        Assert.IsAssignableFrom<DbException>(Assert.IsType<Status.Failure>(await failure.Task.WaitAsync(Deadline)).Cause);
    }

    [Fact]
    public virtual async Task Bytes_are_stored_as_bytes_without_a_type_name()
    {
        await using var node = Start();
        await node.Remember("raftqueue/0").Ask<long>(new byte[] { 1, 2, 3 }, Deadline);
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[] { 4 });
        const int ByteArraySerializer = 4;
        Assert.Equal((ByteArraySerializer, ""), Row("journal", "identifier"));
        Assert.Equal((ByteArraySerializer, ""), Row("snapshot", "serializer_id"));
    }

    [Fact]
    public virtual async Task A_piece_is_loaded_by_its_exact_number_after_a_restart()
    {
        var bytes = new byte[1 << 20];
        Random.Shared.NextBytes(bytes);
        await using (var first = Start())
        {
            await first.Pieces.SavePieceAsync(Owner, 0, Array.Empty<byte>());
            await first.Pieces.SavePieceAsync(Owner, 7, bytes);
            await first.Pieces.SavePieceAsync("raftqueue/1/pieces", 8, new byte[] { 8 });
        }
        await using var second = Start();
        Assert.Equal(0, (await second.Pieces.LoadPieceAsync(Owner, 0))!.Value.Length);
        Assert.Equal(bytes, (await second.Pieces.LoadPieceAsync(Owner, 7))!.Value.ToArray());
        Assert.Null(await second.Pieces.LoadPieceAsync(Owner, 6));
        Assert.Null(await second.Pieces.LoadPieceAsync(Owner, 8));
    }

    [Fact]
    public virtual async Task The_latest_piece_is_the_one_with_the_highest_number()
    {
        await using var node = Start();
        Assert.Null(await node.Pieces.LoadLatestAsync(Owner));
        foreach (var number in new long[] { 2, 10, 9 })
            await node.Pieces.SavePieceAsync(Owner, number, new[] { (byte)number });
        var latest = await node.Pieces.LoadLatestAsync(Owner);
        Assert.Equal(10, latest!.Number);
        Assert.Equal([10], latest.Bytes.ToArray());
    }

    [Fact]
    public virtual async Task A_piece_saved_again_is_replaced()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[] { 1 });
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[] { 2, 2 });
        Assert.Equal([2, 2], (await node.Pieces.LoadPieceAsync(Owner, 1))!.Value.ToArray());
    }

    [Fact]
    public virtual async Task Pieces_are_deleted_one_by_one_or_through_a_number()
    {
        await using var node = Start();
        for (var number = 1; number <= 6; number++)
            await node.Pieces.SavePieceAsync(Owner, number, new byte[] { 1 });
        await node.Pieces.SavePieceAsync("raftqueue/1/pieces", 1, new byte[] { 1 });

        await node.Pieces.DeletePieceAsync(Owner, 5);
        await node.Pieces.DeletePieceAsync(Owner, 99);
        await node.Pieces.DeletePiecesThroughAsync(Owner, 3);

        var left = new List<long>();
        for (var number = 1; number <= 6; number++)
        {
            if (await node.Pieces.LoadPieceAsync(Owner, number) is not null)
                left.Add(number);
        }
        Assert.Equal([4, 6], left);
        Assert.NotNull(await node.Pieces.LoadPieceAsync("raftqueue/1/pieces", 1));
    }

    [Fact]
    public virtual async Task A_flipped_bit_in_a_piece_is_found()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[1000]);
        await node.Pieces.SavePieceAsync(Owner, 2, new byte[1000]);
        Alter(2, stored => stored[500] ^= 0x10);

        var damage = await Assert.ThrowsAsync<DamagedPieceException>(() => node.Pieces.LoadPieceAsync(Owner, 2));
        Assert.Equal((Owner, 2), (damage.Owner, damage.Number));
        await Assert.ThrowsAsync<DamagedPieceException>(() => node.Pieces.LoadLatestAsync(Owner));
        Assert.NotNull(await node.Pieces.LoadPieceAsync(Owner, 1));
    }

    [Fact]
    public virtual async Task A_piece_in_the_place_of_another_is_found()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[1000]);
        Execute("snapshot", $"update {Table("snapshot")} set sequence_number = 2");
        await Assert.ThrowsAsync<DamagedPieceException>(() => node.Pieces.LoadPieceAsync(Owner, 2));
    }

    [Fact]
    public virtual async Task A_piece_with_an_unknown_serializer_is_damaged()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[1000]);
        Execute("snapshot", $"update {Table("snapshot")} set serializer_id = 77777");
        await Assert.ThrowsAsync<DamagedPieceException>(() => node.Pieces.LoadPieceAsync(Owner, 1));
    }

    [Fact]
    public virtual async Task A_store_that_fails_is_named_in_the_error()
    {
        await using var node = Start();
        await node.Pieces.SavePieceAsync(Owner, 1, new byte[1]);
        Execute("snapshot", $"alter table {Table("snapshot")} rename to elsewhere");
        foreach (var operation in new Func<Task>[]
                 {
                     () => node.Pieces.SavePieceAsync(Owner, 2, new byte[1]),
                     () => node.Pieces.LoadPieceAsync(Owner, 1),
                     () => node.Pieces.DeletePieceAsync(Owner, 1),
                     () => node.Pieces.DeletePiecesThroughAsync(Owner, 1),
                 })
        {
            var failure = await Assert.ThrowsAsync<PieceStoreException>(operation);
            Assert.IsAssignableFrom<DbException>(failure.InnerException);
            Assert.Contains(Owner, failure.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public virtual async Task The_incarnation_survives_a_restart()
    {
        Guid first;
        await using (var node = Start())
            first = node.Storage.Incarnation;
        await using var again = Start();
        Assert.Equal(first, again.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_lost_journal_begins_a_new_incarnation()
    {
        Guid first;
        await using (var node = Start())
            first = node.Storage.Incarnation;
        Execute("journal", $"drop table {Table("raftqueue_owner")}");
        Guid second;
        await using (var node = Start())
            second = node.Storage.Incarnation;
        Assert.NotEqual(first, second);
        await using var third = Start();
        Assert.Equal(second, third.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_lost_identity_file_is_restored_from_the_journal()
    {
        Guid first;
        await using (var node = Start())
        {
            first = node.Storage.Incarnation;
            File.Delete(Path.Combine(node.Storage.DirectoryPath, "identity"));
        }
        await using var again = Start();
        Assert.Equal(first, again.Storage.Incarnation);
    }

    [Fact]
    public virtual async Task A_journal_of_another_life_is_refused()
    {
        Guid directory;
        await using (var node = Start())
            directory = node.Storage.Incarnation;
        var journal = Guid.NewGuid();
        Execute("journal", $"update {Table("raftqueue_owner")} set incarnation = '{journal}'");
        var refusal = Assert.Throws<DataDirectoryException>(() => Start());
        Assert.Contains($"{directory}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"{journal}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public virtual async Task A_journal_of_another_node_is_refused()
    {
        await using (Start())
        {
        }
        Execute("journal", $"update {Table("raftqueue_owner")} set node = 'stranger'");
        Assert.Contains("belongs to node \"stranger\"", Assert.Throws<DataDirectoryException>(() => Start()).Message, StringComparison.Ordinal);
    }

    private (int Serializer, string Manifest) Row(string table, string serializerColumn)
    {
        using var connection = Connect(table);
        using var select = connection.CreateCommand();
        select.CommandText = $"select {serializerColumn}, manifest from {Table(table)}";
        using var rows = select.ExecuteReader();
        Assert.True(rows.Read());
        return (rows.GetInt32(0), rows.GetString(1));
    }

    private void Execute(string table, string sql)
    {
        using var connection = Connect(table);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Alter(long number, Action<byte[]> change)
    {
        using var connection = Connect("snapshot");
        using var select = connection.CreateCommand();
        select.CommandText = $"select snapshot from {Table("snapshot")} where sequence_number = {number}";
        var bytes = (byte[])select.ExecuteScalar()!;
        change(bytes);
        using var update = connection.CreateCommand();
        update.CommandText = $"update {Table("snapshot")} set snapshot = @bytes where sequence_number = {number}";
        var parameter = update.CreateParameter();
        parameter.ParameterName = "@bytes";
        parameter.Value = bytes;
        update.Parameters.Add(parameter);
        Assert.Equal(1, update.ExecuteNonQuery());
    }
}
