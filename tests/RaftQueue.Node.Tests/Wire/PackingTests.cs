using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

public sealed class PackingTests
{
    private const int Entries = 100, PayloadSize = 256;
    private static readonly NodeId Node1 = new("node-1"), Node2 = new("node-2");

    [Fact]
    public void Writing_entries_allocates_little_more_than_the_frame()
    {
        var envelope = Append();
        var events = EntriesOf(envelope);
        WireCodec.Encode(envelope);
        JournalCodec.Encode(1, [new EntriesAppended(events)]);

        AssertAllocates(() => WireCodec.Encode(envelope).Length);
        AssertAllocates(() => JournalCodec.Encode(1, [new EntriesAppended(events)]).Length);
    }

    [Fact]
    public void Payloads_that_were_read_are_slices_of_one_buffer()
    {
        var read = EntriesOf((Envelope)WireCodec.Decode(Manifests.AppendEntries, WireCodec.Encode(Append())));
        var arrays = read.Select(entry => MemoryMarshal.TryGetArray(entry.Payload, out var segment) ? segment.Array : null).Distinct();
        Assert.NotNull(Assert.Single(arrays));
    }

    [Theory]
    [InlineData(0ul)]
    [InlineData(127ul)]
    [InlineData(128ul)]
    [InlineData(16_383ul)]
    [InlineData(16_384ul)]
    [InlineData(uint.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(ulong.MaxValue)]
    public void A_varint_takes_the_bytes_that_were_measured(ulong value)
    {
        var writer = new PackedWriter(new byte[PackedWriter.SizeOf(value)]);
        writer.Varint(value);
        writer.End();
    }

    [Fact]
    public void Entries_that_do_not_follow_the_previous_one_are_refused()
    {
        var append = (AppendEntries)Append().Message;
        var bytes = WireCodec.Encode(new Envelope(Node1, default, Node2, default, append with { PrevLogIndex = new LogIndex(5) }));
        var refusal = Assert.Throws<MalformedException>(() => WireCodec.Decode(Manifests.AppendEntries, bytes));
        Assert.Contains("start at 1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chunk_beyond_its_bound_or_its_piece_is_refused()
    {
        var meta = SnapshotMeta.Origin(Configuration.Empty);
        var good = new InstallSnapshot(new GroupId(0), new Term(1), meta, new SnapshotCursor(0, 10), 30, new byte[20], 1);
        Assert.Equal(20, ((InstallSnapshot)Sent(good).Message).Data.Length);
        Assert.Throws<MalformedException>(() => Sent(good with { Data = new byte[21] }));
        Assert.Throws<MalformedException>(() => Sent(good with { PieceLength = 1_000_000, Data = new byte[Bounds.MaxChunkBytes + 1] }));
    }

    private static Envelope Sent(IPeerMessage message)
    {
        var envelope = new Envelope(Node1, default, Node2, default, message);
        return (Envelope)WireCodec.Decode(WireCodec.ManifestOf(envelope), WireCodec.Encode(envelope));
    }

    private static Envelope Append() => new(
        Node1,
        new Incarnation(Sample.Id(1)),
        Node2,
        new Incarnation(Sample.Id(2)),
        new AppendEntries(
            new GroupId(0),
            new Term(2),
            LogIndex.Zero,
            Term.Zero,
            [.. Enumerable.Range(1, Entries).Select(i => new Entry(new LogIndex(i), new Term(2), new LogTime(i), EntryKind.Command, new byte[PayloadSize]))],
            LogIndex.Zero,
            1));

    private static ImmutableArray<Entry> EntriesOf(Envelope envelope) => ((AppendEntries)envelope.Message).Entries;

    private static void AssertAllocates(Func<int> encode)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = encode();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(length, Entries * PayloadSize, Entries * (PayloadSize + Entry.Overhead));
        Assert.InRange(allocated, length, length + 2_048);
    }
}
