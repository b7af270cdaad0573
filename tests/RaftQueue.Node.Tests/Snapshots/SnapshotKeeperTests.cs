using System.Security.Cryptography;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Snapshots;

/// <summary>Snapshots are saved, read, taken in and given up, whatever happens in between.</summary>
public sealed class SnapshotKeeperTests() : TestKit(SnapshotBench.Hocon)
{
    private static readonly NodeId Follower = new("n2");

    [Fact]
    public void What_is_saved_is_restored()
    {
        var bench = Filled();
        var (meta, digest) = (bench.Meta, bench.Machine.Digest());
        var saved = bench.Save(bench.Machine.Capture());
        Assert.Equal(meta.LastIncludedIndex, saved.Index);
        bench.Restart();
        Assert.Equal(digest, bench.Restore(meta).Digest());
    }

    [Fact]
    public async Task A_follower_takes_over_a_snapshot_chunk_by_chunk()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var (asked, last) = follower.TakeOver(leader, meta);
        Assert.Equal("", last.Refusal);
        Assert.Null(last.Next);
        var pieces = SnapshotManifest.PieceNames(await leader.Shelf.LoadManifestAsync(meta.LastIncludedIndex)).Count;
        Assert.True(asked.Count > pieces + 1, "A piece of more than 64 KiB travels in several chunks.");
        Assert.Equal(leader.Machine.Digest(), follower.Restore(meta).Digest());
    }

    [Fact]
    public void An_interrupted_take_over_goes_on_with_the_pieces_that_are_missing()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var whole = new SnapshotBench(this, "n3").TakeOver(leader, meta).Asked.Count;
        follower.TakeOver(leader, meta, atMost: whole - 3);
        follower.Restart();
        var (asked, last) = follower.TakeOver(leader, meta);
        Assert.Null(last.Next);
        Assert.True(asked.Count < whole / 2, $"{asked.Count} chunks of {whole} were asked for again.");
        Assert.Equal(leader.Machine.Digest(), follower.Restore(meta).Digest());
    }

    [Fact]
    public void Within_a_life_an_interrupted_take_over_goes_on_at_the_chunk_that_is_missing()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var stopped = follower.TakeOver(leader, meta, atMost: 4).Last;
        var again = follower.Store(meta, leader.Read(meta, SnapshotCursor.Start)); // the leader begins again
        Assert.Equal(stopped.Next, again.Next);
    }

    [Fact]
    public void A_leader_of_a_later_term_sends_its_own_snapshot_from_the_start()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        follower.TakeOver(leader, meta, atMost: 4);
        var again = follower.Store(meta, leader.Read(meta, new SnapshotCursor(1, 0)), term: 2);
        Assert.Equal(SnapshotCursor.Start, again.Next);
    }

    [Fact]
    public void Pieces_that_an_own_snapshot_has_are_not_asked_for()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var first = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var whole = follower.TakeOver(leader, first).Asked.Count;
        leader.Enqueue(5, bytes: 100);
        var second = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var (asked, last) = follower.TakeOver(leader, second);
        Assert.Null(last.Next);
        Assert.True(asked.Count < whole, "Full segments are the same as before.");
        Assert.Equal(leader.Machine.Digest(), follower.Restore(second).Digest());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_piece_that_is_damaged_on_its_way_is_refused_by_name_and_may_come_again(int piece)
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        var (_, last) = follower.TakeOver(leader, meta, chunk => chunk.Cursor == new SnapshotCursor(piece, 0) ? chunk with { Data = Flipped(chunk.Data) } : chunk);
        Assert.Contains("is damaged", last.Refusal, StringComparison.Ordinal);
        Assert.Null(last.Next);

        Assert.Equal("", follower.TakeOver(leader, meta).Last.Refusal);
        Assert.Equal(leader.Machine.Digest(), follower.Restore(meta).Digest());
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_13_a_snapshot_of_a_newer_machine_is_refused_by_name_and_the_replica_goes_on()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var meta = leader.Meta;
        leader.Save(leader.Machine.Capture());
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var (_, last) = follower.TakeOver(leader, meta, chunk => chunk.Cursor.Piece == 0 ? chunk with { Data = OfNewerVersion(chunk.Data) } : chunk);
            Assert.Contains("Upgrade this node", last.Refusal, StringComparison.Ordinal);
        }

        Assert.Equal("", follower.TakeOver(leader, meta).Last.Refusal); // the same keeper: it has not even restarted
    }

    [Fact]
    public void A_chunk_of_a_snapshot_that_has_given_way_is_not_answered_and_harms_nobody()
    {
        var bench = Filled();
        var old = bench.Meta;
        bench.Save(bench.Machine.Capture());
        bench.Enqueue(3, bytes: 100);
        var current = bench.Meta;
        bench.Save(bench.Machine.Capture());
        bench.Tell(new Compacted(current.LastIncludedIndex));
        bench.Tell(new Effect.ReadSnapshotChunk(Follower, old, SnapshotCursor.Start));
        Assert.Equal(SnapshotCursor.Start, bench.Read(current, SnapshotCursor.Start).Cursor);
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public async Task Giving_up_old_snapshots_spares_the_pieces_of_one_on_its_way_in()
    {
        var (leader, follower) = (Filled(), new SnapshotBench(this, "n2"));
        var first = leader.Meta;
        var firstCapture = leader.Machine.Capture();
        leader.Save(firstCapture);
        follower.TakeOver(leader, first);
        follower.Restore(first);
        leader.Enqueue(5, bytes: 100);
        var own = leader.Meta with { LastIncludedIndex = follower.Machine.AppliedIndex };
        var second = leader.Meta;
        leader.Save(leader.Machine.Capture());

        follower.TakeOver(leader, second, atMost: 1); // it now counts on pieces that are here
        follower.Tell(new Compacted(own.LastIncludedIndex));
        var (_, last) = follower.TakeOver(leader, second);
        Assert.Null(last.Next);
        Assert.Equal(leader.Machine.Digest(), follower.Restore(second).Digest());
        foreach (var name in SnapshotManifest.PieceNames(await follower.Shelf.LoadManifestAsync(second.LastIncludedIndex)))
            Assert.False((await follower.Shelf.LoadPieceAsync(name)).IsEmpty);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_12_a_crash_between_any_two_steps_of_a_snapshot_leaves_one_that_is_whole()
    {
        var (savedCrashes, forgetCrashes, isComplete) = (0, 0, false);
        for (var writes = 0; !isComplete; writes++)
        {
            var bench = new SnapshotBench(this, $"crash-{writes}");
            bench.Declare();
            bench.Enqueue(30, bytes: 100);
            var (first, firstDigest) = (bench.Meta, bench.Machine.Digest());
            var firstCapture = bench.Machine.Capture();
            bench.Save(firstCapture);
            bench.Enqueue(10, bytes: 100);
            var (second, secondDigest) = (bench.Meta, bench.Machine.Digest());
            var secondCapture = bench.Machine.Capture();

            // The disk stops after so many writes. What is not confirmed by then has not happened for the log.
            bench.Restart(writes);
            bench.Tell(new Node.Queue.SaveMachine(secondCapture));
            bench.Tell(new Compacted(second.LastIncludedIndex)); // begins when saving has ended
            var finished = bench.Keeper.Ask<Input.SnapshotChunkRead>(new Effect.ReadSnapshotChunk(Follower, second, SnapshotCursor.Start));
            isComplete = await Task.WhenAny(finished, bench.Stopped).WaitAsync(TimeSpan.FromSeconds(60)) == finished;
            var isSaved = HasMessages;
            if (isSaved)
                ExpectMsg<Node.Queue.MachineSaved>();

            bench.Restart();
            if (!isSaved)
            {
                savedCrashes++;
                Assert.Equal(firstDigest, bench.Restore(first).Digest());
            }
            else
            {
                forgetCrashes++;
                Assert.Equal(secondDigest, bench.Restore(second).Digest());
            }

            // The log goes on after the snapshot; the next one is whole, and nothing of the others stays behind.
            bench.CatchUp();
            Assert.Equal(secondDigest, bench.Machine.Digest());
            bench.Enqueue(1, bytes: 100);
            var (third, thirdDigest, thirdCapture) = (bench.Meta, bench.Machine.Digest(), bench.Machine.Capture());
            bench.Save(thirdCapture);
            bench.Tell(new Compacted(third.LastIncludedIndex));
            Assert.Equal(thirdDigest, bench.Restore(third).Digest());
            var kept = SnapshotManifest.PieceNames(thirdCapture.Manifest).ToHashSet();
            foreach (var piece in firstCapture.NewPieces.Concat(secondCapture.NewPieces).Where(piece => !kept.Contains(piece.Name)))
                await Assert.ThrowsAsync<Node.Storage.DamagedPieceException>(() => bench.Shelf.LoadPieceAsync(piece.Name));
        }

        Assert.True(savedCrashes > 3, "There was no crash while saving.");
        Assert.True(forgetCrashes > 3, "There was no crash while giving up the old one.");
    }

    [Fact]
    public void A_segment_is_read_while_a_snapshot_is_being_saved()
    {
        var bench = Filled();
        bench.Save(bench.Machine.Capture());
        var full = bench.Machine.Segments.First();
        bench.Enqueue(1, bytes: 100);
        bench.Restart(writes: 0); // the disk takes nothing: a save does not end
        bench.Tell(new Node.Queue.SaveMachine(bench.Machine.Capture()));
        var read = bench.Ask<Node.Queue.SegmentRead>(new Node.Queue.ReadSegment(full.Number, full.PieceName));
        Assert.Equal((full.Number, full.Length), (read.Segment, read.Bytes.Length));
        Assert.False(HasMessages); // nothing was saved
    }

    [Fact]
    public void A_segment_that_is_not_there_is_told_by_name()
    {
        var bench = Filled();
        var unreadable = bench.Ask<Node.Queue.SegmentUnreadable>(new Node.Queue.ReadSegment(7, "segment-7-100"));
        Assert.Contains("segment-7-100", unreadable.Cause.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_machine_is_restored_without_its_full_segments()
    {
        var bench = Filled();
        var (meta, digest) = (bench.Meta, bench.Machine.Digest());
        bench.Save(bench.Machine.Capture());
        var restored = bench.Restore(meta);
        Assert.Equal(digest, restored.Digest());
        Assert.Equal(restored.Segments.Count() - 1, restored.EvictedSegments);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F15_Room_for_a_piece_is_made_as_its_bytes_come_and_not_as_it_is_announced()
    {
        var receiver = new SnapshotReceiver(new SnapshotBench(this, "n2").Shelf);
        var meta = new SnapshotMeta(new LogIndex(5), new Term(1), LogTime.Zero, Configuration.Empty, 1);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var asked = receiver.StoreAsync(new InstallSnapshot(Members.Group, new Term(1), meta, SnapshotCursor.Start, Bounds.MaxPieceBytes, new byte[10], 1));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.Equal(new SnapshotCursor(0, 10), Assert.IsType<Input.SnapshotChunkStored>(await asked).Next);
    }

    private SnapshotBench Filled()
    {
        var bench = new SnapshotBench(this, $"n1-{Guid.NewGuid():N}");
        bench.Declare();
        bench.Enqueue(60, bytes: 40_000); // several segments
        return bench;
    }

    private static byte[] Flipped(ReadOnlyMemory<byte> bytes)
    {
        var flipped = bytes.ToArray();
        flipped[^1] ^= 1;
        return flipped;
    }

    // The version follows the four letters of the magic word; the hash over all closes the manifest.
    private static byte[] OfNewerVersion(ReadOnlyMemory<byte> manifest)
    {
        var newer = manifest.ToArray();
        newer[4] = 0x7E;
        SHA256.HashData(newer.AsSpan(..^SHA256.HashSizeInBytes), newer.AsSpan(^SHA256.HashSizeInBytes..));
        return newer;
    }
}
