using System.Data.Common;
using Akka.Actor;
using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public abstract partial class StorageContract
{
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
}
