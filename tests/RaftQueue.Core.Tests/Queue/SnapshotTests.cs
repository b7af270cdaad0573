using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>What a snapshot costs, and that it is the whole state.</summary>
public sealed class SnapshotTests
{
    private const int Batch = 1_000;

    [Fact]
    public void The_second_of_two_snapshots_a_thousand_messages_apart_in_a_million_writes_under_one_percent_of_the_first()
    {
        var machine = new QueueMachine();
        var bench = new Bench(machine);
        bench.Declare();
        var messages = Bodies(Enumerable.Repeat(new string('x', 256), Batch));
        for (var i = 0; i < 1_000; i++)
            bench.Send(messages);

        var first = machine.Capture();
        bench.Send(messages);
        var second = machine.Capture();
        Assert.InRange(Cost(second), 1, Cost(first) / 100);

        var pieces = first.NewPieces.Concat(second.NewPieces).ToDictionary(piece => piece.Name, piece => piece.Bytes);
        var restored = QueueMachine.Restore(second.Manifest, name => pieces[name]);
        Assert.Equal(machine.Digest(), restored.Digest());
        Assert.Empty(restored.Capture().NewPieces);
    }

    [Fact]
    public void Of_the_bodies_of_a_deep_backlog_memory_holds_the_cache_and_what_is_not_stored_yet()
    {
        const int Messages = 1_000_000, SnapshotEvery = 100_000;
        const long Cache = 16 << 20;
        var machine = new QueueMachine();
        var bench = new Bench(machine);
        bench.Declare();
        var messages = Bodies(Enumerable.Repeat(new string('x', 256), Batch));
        for (var sent = 0; sent < Messages; sent += Batch)
        {
            bench.Send(messages);
            if (sent % SnapshotEvery == 0)
            {
                machine.MarkStored(machine.Capture().Index);
                machine.EvictTo(Cache);
            }
        }

        var all = machine.Segments.Sum(segment => (long)segment.Length);
        var inMemory = machine.Segments.Where(segment => segment.IsLoaded).Sum(segment => (long)segment.Length);
        Assert.True(all > Messages * 256L);
        Assert.InRange(inMemory, Cache, Cache + (SnapshotEvery * 300L));
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_22_releasing_a_message_a_million_times_leaves_the_state_as_small_as_before()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Subscribe(Bob);
        bench.Send("1");
        void ReleaseOnce()
        {
            bench.Effects.Clear();
            Assert.Empty(bench.Settle(Bob, Release(bench.Held(Bob)[0])).Refused);
        }

        ReleaseOnce();
        var store = new SnapshotStore();
        store.Take(bench.Machine);
        var before = Cost(bench.Machine.Capture());
        for (var i = 0; i < 1_000_000; i++)
            ReleaseOnce();

        var after = bench.Machine.Capture();
        Assert.InRange(Cost(after), 0, before + 1_024);
        Assert.Equal(1_000_002, bench.Held(Bob)[0].DeliveryCount);
        Assert.Single(bench.Machine.Segments);
    }

    [Fact]
    public void A_message_that_is_never_acknowledged_holds_back_only_its_own_page_and_segment()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send("stuck");
        bench.Pull(1);
        for (var i = 0; i < 1_000; i++)
        {
            bench.Send("passing by");
            bench.Settle(Bob, Ack(bench.Pull(1, consumer: Bob)[0]));
        }

        Assert.InRange(bench.Machine.Segments.Count(), 1, 3);
        Assert.InRange(SnapshotManifest.PieceNames(bench.Machine.Capture().Manifest).Count(name => name.StartsWith("page-", StringComparison.Ordinal)), 1, 2);
    }

    [Fact]
    public void Evicted_bodies_change_neither_digest_nor_what_is_delivered_and_come_back_verified()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 40).Select(i => $"message {i}")]);
        var full = bench.Machine.Segments.First();
        Assert.False(bench.Machine.Evict(full.Number));
        var capture = bench.Machine.Capture();
        var stored = capture.NewPieces.Single(piece => piece.Name == full.PieceName).Bytes.ToArray();
        Assert.False(bench.Machine.Evict(full.Number)); // captured, but not stored
        bench.Machine.MarkStored(capture.Index.Previous);
        Assert.False(bench.Machine.Evict(full.Number)); // another snapshot is stored, but not this
        bench.Machine.MarkStored(capture.Index);
        var digest = bench.Machine.Digest();
        var open = bench.Machine.Segments.Last();
        Assert.False(bench.Machine.Evict(open.Number));
        Assert.True(bench.Machine.Evict(full.Number));

        Assert.Equal(digest, bench.Machine.Digest());
        var lease = bench.Pull(1)[0];
        Assert.False(bench.Machine.TryGetBody(lease.Body, out _));
        var peek = new Peek(Orders, 1, 1);
        Assert.Equal(RefusalCode.Busy, Assert.IsType<Refused>(bench.Machine.Query(peek)).Code);
        Assert.Equal([full.Number], bench.Machine.SegmentsNeededBy(peek));
        Assert.Throws<DamagedSnapshotException>(() => bench.Machine.Load(full.Number, new byte[full.Length]));
        Assert.True(bench.Machine.Load(full.Number, stored));
        Assert.Equal("message 0", bench.Text(lease.Body));
    }

    [Fact]
    public void Segments_leave_memory_in_the_order_of_their_last_use_down_to_a_bound()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 100).Select(i => $"message number {i}")]);
        new SnapshotStore().Take(bench.Machine);
        var full = bench.Machine.Segments.Where(segment => segment.CanBeEvicted).ToList();
        Assert.InRange(full.Count, 10, 100);
        Assert.Equal(full.Sum(segment => segment.Length), bench.Machine.EvictableBytes);

        var used = bench.Pull(1)[0].Body; // the first message, in the first segment
        Assert.True(bench.Machine.TryGetBody(used, out _));
        var open = bench.Machine.Segments.Last().Number;
        bench.Machine.EvictTo(full[0].Length + full[4].Length, kept: new HashSet<long> { full[4].Number });
        Assert.Equal([full[0].Number, full[4].Number, open], Loaded(bench)); // the one that was used last, and the one that stays
        bench.Machine.EvictTo(1, kept: new HashSet<long> { full[4].Number });
        Assert.Equal([full[4].Number, open], Loaded(bench)); // though the bound is missed for it
        bench.Machine.EvictTo(0);
        Assert.Equal((0, full.Count), (bench.Machine.EvictableBytes, bench.Machine.EvictedSegments));
        Assert.Equal([open], Loaded(bench));
    }

    [Fact]
    public void What_a_queue_hands_out_next_is_known_by_its_segments()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Declare(queue: Dead);
        for (var i = 0; i < 10; i++)
        {
            bench.Send(Bodies(new string('x', 50)));
            bench.Send(Bodies(new string('y', 50)), queue: Dead);
        }

        new SnapshotStore().Take(bench.Machine);
        bench.Machine.EvictTo(0);
        var ahead = bench.Machine.SegmentsAhead(Orders, messages: 3, bytes: 1_000);
        Assert.Equal([0, 2, 4], ahead);
        Assert.Equal([0], bench.Machine.SegmentsAhead(Orders, messages: 10, bytes: 10));
        bench.Pull(2);
        Assert.Equal([4], bench.Machine.SegmentsAhead(Orders, messages: 1, bytes: 1_000));
        Assert.Empty(bench.Machine.SegmentsAhead(new Contracts.QueueName("nobody"), 1, 1));
    }

    [Fact]
    public void A_capture_that_is_being_stored_keeps_its_bytes_whatever_becomes_of_the_messages()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 100).Select(i => $"message number {i}")]);
        var capture = bench.Machine.Capture();
        var before = capture.NewPieces.ToDictionary(piece => piece.Name, piece => piece.Bytes.ToArray());
        bench.Do<Purged>(new PurgeQueue(Orders));
        bench.Send([.. Enumerable.Range(0, 100).Select(i => $"something else {i}")]);
        Assert.All(capture.NewPieces, piece => Assert.Equal(before[piece.Name], piece.Bytes.ToArray()));

        // Once it is stored, rooms are used again, and what is in them is right.
        bench.Machine.MarkStored(capture.Index);
        for (var round = 0; round < 5; round++)
        {
            new SnapshotStore().Take(bench.Machine);
            bench.Machine.EvictTo(0);
            bench.Do<Purged>(new PurgeQueue(Orders));
            var texts = Enumerable.Range(0, 100).Select(i => $"{round}-{i}").ToArray();
            bench.Send(texts);
            Assert.Equal(texts, bench.PeekTexts());
        }
    }

    [Fact]
    public void A_segment_that_dies_out_of_memory_is_forgotten()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 100).Select(i => $"message number {i}")]);
        new SnapshotStore().Take(bench.Machine);
        bench.Machine.EvictTo(0);
        bench.Do<Purged>(new PurgeQueue(Orders));
        Assert.Equal((0, 0), (bench.Machine.EvictedSegments, bench.Machine.EvictableBytes));
        Assert.Null(bench.Machine.PieceOf(0));
        Assert.False(bench.Machine.Load(0, new byte[10]));
    }

    [Fact]
    public void A_peek_looks_into_few_segments_and_gives_what_is_there()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 100).Select(i => $"message number {i}")]);
        Assert.Equal(3 * QueueMachine.MaxSegmentsOfPeek, bench.Peek().Deliveries.Count); // three to a segment
        Assert.Equal(100, bench.PeekTexts().Length);
    }

    [Fact]
    public void A_restore_may_leave_full_segments_on_disk()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 40).Select(i => $"message {i}")]);
        var store = new SnapshotStore();
        var restored = store.Restore(store.Take(bench.Machine), loadsSegments: false);
        Assert.Equal(bench.Machine.Digest(), restored.Digest());
        Assert.Single(restored.Segments, segment => segment.IsLoaded);
    }

    [Fact]
    public void Damage_of_any_piece_is_refused_by_its_name()
    {
        var bench = new Bench();
        bench.Declare();
        bench.Send([.. Enumerable.Range(0, 40).Select(i => $"message {i}")]);
        var store = new SnapshotStore();
        var manifest = store.Take(bench.Machine);
        foreach (var name in SnapshotManifest.PieceNames(manifest))
        {
            var whole = store.Pieces[name];
            var flipped = whole.ToArray();
            flipped[flipped.Length / 2] ^= 1;
            store.Pieces[name] = flipped;
            Assert.Equal(name, Assert.Throws<DamagedSnapshotException>(() => store.Restore(manifest)).Piece);
            store.Pieces[name] = whole[..^1];
            Assert.Equal(name, Assert.Throws<DamagedSnapshotException>(() => store.Restore(manifest)).Piece);
            store.Pieces[name] = whole;
        }

        for (var at = 0; at < manifest.Length; at++)
        {
            var flipped = manifest.ToArray();
            flipped[at] ^= 0x10;
            Assert.Equal("manifest", Assert.Throws<DamagedSnapshotException>(() => store.Restore(flipped)).Piece);
        }

        Assert.Equal("manifest", Assert.Throws<DamagedSnapshotException>(() => store.Restore(manifest[..20])).Piece);
    }

    [Fact]
    public void A_manifest_of_a_newer_machine_is_refused_by_its_version()
    {
        var manifest = SnapshotManifest.Write(LogIndex.Zero, 0, []).AsSpan(..^32).ToArray();
        manifest[4] = QueueMachine.Version + 1;
        byte[] signed = [.. manifest, .. System.Security.Cryptography.SHA256.HashData(manifest)];
        Assert.Equal(QueueMachine.Version + 1, Assert.Throws<NewerSnapshotException>(() => new SnapshotStore().Restore(signed)).SnapshotVersion);
    }

    [Fact]
    public void A_manifest_of_the_older_machine_is_refused_by_its_version()
    {
        var manifest = SnapshotManifest.Write(LogIndex.Zero, 0, []).AsSpan(..^32).ToArray();
        manifest[4] = QueueMachine.Version - 1;
        byte[] signed = [.. manifest, .. System.Security.Cryptography.SHA256.HashData(manifest)];
        var refusal = Assert.Throws<OlderSnapshotException>(() => new SnapshotStore().Restore(signed));
        Assert.Equal(QueueMachine.Version - 1, refusal.SnapshotVersion);
        Assert.Contains("empty data directory", refusal.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<long> Loaded(Bench bench) => bench.Machine.Segments.Where(segment => segment.IsLoaded).Select(segment => segment.Number);

    private static long Cost(SnapshotCapture capture) => capture.Manifest.Length + capture.NewPieces.Sum(piece => (long)piece.Bytes.Length);
}
