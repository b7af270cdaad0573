using System.Collections.Immutable;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Log entries packed one behind the other, for the wire and the journal: count, index of the first (the rest follow without gap), then for each
/// its term, stamp, kind and payload; numbers and lengths are varints. No entries are no bytes.
/// </summary>
internal static class EntryBlock
{
    private const string Name = "entry block";
    private const int MinEntrySize = 4;

    /// <summary>How many bytes <see cref="Write"/> will write.</summary>
    public static int SizeOf(ImmutableArray<Entry> entries)
    {
        if (entries.IsDefaultOrEmpty)
            return 0;
        var size = PackedWriter.SizeOf((ulong)entries.Length) + PackedWriter.SizeOf((ulong)entries[0].Index.Value);
        foreach (var entry in entries)
            size = checked(size + SizeOf(entry));
        return size;
    }

    public static void Write(ref PackedWriter writer, ImmutableArray<Entry> entries)
    {
        if (entries.IsDefaultOrEmpty)
            return;
        var first = entries[0].Index.Value;
        writer.Varint((ulong)entries.Length);
        writer.Varint((ulong)first);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            if (entry.Index.Value != first + i)
                throw new ArgumentException($"Entry {entry.Index} cannot be packed in the place of entry {first + i}: indexes have no gaps.", nameof(entries));
            writer.Varint((ulong)entry.Term.Value);
            writer.Varint((ulong)entry.Stamp.Milliseconds);
            writer.Varint((ulong)entry.Kind);
            writer.Bytes(entry.Payload.Span);
        }
    }

    /// <summary>The entries; their payloads are slices of <paramref name="bytes"/>.</summary>
    public static ImmutableArray<Entry> Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        var reader = new PackedReader(bytes, Name);
        var count = reader.Count(MinEntrySize);
        var first = Expect.Within(reader.Number("first index"), 1, LogIndex.Largest.Value - count, "index of the first entry");
        var entries = ImmutableArray.CreateBuilder<Entry>(count);
        for (var i = 0; i < count; i++)
            entries.Add(ReadEntry(ref reader, new LogIndex(first + i)));
        reader.End();
        return entries.MoveToImmutable();
    }

    private static int SizeOf(Entry entry) =>
        PackedWriter.SizeOf((ulong)entry.Term.Value)
        + PackedWriter.SizeOf((ulong)entry.Stamp.Milliseconds)
        + PackedWriter.SizeOf((ulong)entry.Kind)
        + PackedWriter.SizeOfBytes(entry.Payload.Length);

    private static Entry ReadEntry(ref PackedReader reader, LogIndex index) => new(
        index,
        new Term(reader.Number("term")),
        Expect.Stamp(reader.Number("stamp"), "stamp"),
        Kind(reader.Number("kind")),
        reader.Bytes("payload"));

    private static EntryKind Kind(long kind) => kind <= (long)EntryKind.MachineVersion
        ? (EntryKind)kind
        : throw Expect.Malformed($"entry kind {kind} is unknown; was it written by a newer version?");
}
