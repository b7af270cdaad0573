using System.Collections.Immutable;
using Google.Protobuf;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// What a replica remembers, as it lies on disk. A checksum guards each record with its number; a record that does not read back exactly as it was
/// written is reported, never skipped and never shortened.
/// </summary>
public static class JournalCodec
{
    private const int NumberField = Proto.JournalRecord.NumberFieldNumber;
    private const int EventsField = Proto.JournalRecord.EventsFieldNumber;
    private const int EntriesField = Proto.RaftEvent.EntriesAppendedFieldNumber;
    private const byte NumberTag = NumberField << 3;

    /// <summary>One record of the journal.</summary>
    /// <param name="number">Its number, not negative: the reader can tell a missing or a moved record by it.</param>
    /// <param name="events">What happened, in order. The entries in them are copied once, into the result.</param>
    public static byte[] Encode(long number, ImmutableArray<IRaftEvent> events)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        var parts = new EventPart[events.Length];
        var size = Checksum.Size + 1 + PackedWriter.SizeOf((ulong)number);
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = EventPart.Measure(events[i]);
            size += PackedWriter.SizeOfField(EventsField, parts[i].Size);
        }

        var record = new byte[size];
        var writer = new PackedWriter(record.AsSpan(Checksum.Size));
        writer.Varint(NumberTag);
        writer.Varint((ulong)number);
        foreach (var part in parts)
        {
            writer.FieldStart(EventsField, part.Size);
            part.Write(ref writer);
        }

        writer.End();
        Checksum.Seal(record);
        return record;
    }

    /// <summary>The record that was encoded; the payloads of its entries are not copied again.</summary>
    /// <exception cref="DamagedRecordException">The record is not as it was written, or was written by a newer version.</exception>
    public static (long Number, ImmutableArray<IRaftEvent> Events) Decode(ReadOnlyMemory<byte> record)
    {
        var number = NumberIn(record);
        var proto = ReadIntact<Proto.JournalRecord>(record, number, "journal record");
        try
        {
            var events = ImmutableArray.CreateBuilder<IRaftEvent>(proto.Events.Count);
            foreach (var raftEvent in proto.Events)
                events.Add(EventMapper.FromProto(raftEvent));
            return (Expect.NotNegative(proto.Number, "record number"), events.MoveToImmutable());
        }
        catch (MalformedException malformed)
        {
            throw Unreadable("journal record", number, malformed);
        }
    }

    /// <summary>The compacted start of a journal.</summary>
    public static byte[] EncodeCheckpoint(MemoryCheckpoint checkpoint)
    {
        var proto = new Proto.JournalCheckpoint
        {
            CurrentTerm = checkpoint.CurrentTerm.Value,
            VotedFor = ProtoBytes.Of(checkpoint.VotedFor),
            Snapshot = ConfigurationMapper.ToProto(checkpoint.Snapshot),
            BaseIndex = checkpoint.BaseIndex.Value,
            BaseTerm = checkpoint.BaseTerm.Value,
        };
        var headSize = proto.CalculateSize();
        var blockSize = EntryBlock.SizeOf(checkpoint.Entries);
        var bytes = new byte[Checksum.Size + headSize + PackedWriter.SizeOfField(Proto.JournalCheckpoint.EntriesFieldNumber, blockSize)];
        var writer = new PackedWriter(bytes.AsSpan(Checksum.Size));
        proto.WriteTo(writer.Take(headSize));
        writer.FieldStart(Proto.JournalCheckpoint.EntriesFieldNumber, blockSize);
        EntryBlock.Write(ref writer, checkpoint.Entries);
        writer.End();
        Checksum.Seal(bytes);
        return bytes;
    }

    /// <summary>The checkpoint that was encoded; the payloads of its entries are not copied again.</summary>
    /// <exception cref="DamagedRecordException">The checkpoint is not as it was written, or was written by a newer version.</exception>
    public static MemoryCheckpoint DecodeCheckpoint(ReadOnlyMemory<byte> bytes)
    {
        var proto = ReadIntact<Proto.JournalCheckpoint>(bytes, null, "journal checkpoint");
        try
        {
            return new MemoryCheckpoint(
                Expect.Term(proto.CurrentTerm, "current term"),
                Expect.NodeOrNone(proto.VotedFor, "voted for"),
                ConfigurationMapper.FromProto(proto.Snapshot),
                Expect.Index(proto.BaseIndex, "base index"),
                Expect.Term(proto.BaseTerm, "base term"),
                EntryBlock.Read(proto.Entries.Memory));
        }
        catch (MalformedException malformed)
        {
            throw Unreadable("journal checkpoint", null, malformed);
        }
    }

    private static T ReadIntact<T>(ReadOnlyMemory<byte> bytes, long? number, string what)
        where T : IMessage<T>, new()
    {
        if (!Checksum.IsIntact(bytes.Span))
            throw new DamagedRecordException(
                number,
                $"The {Named(what, number)} of {bytes.Length} bytes is damaged: its checksum does not fit.");
        try
        {
            return ProtoBytes.Read<T>(bytes);
        }
        catch (MalformedException malformed)
        {
            throw Unreadable(what, number, malformed);
        }
    }

    private static DamagedRecordException Unreadable(string what, long? number, MalformedException cause) => new(
        number, $"The {Named(what, number)} is as it was written, but cannot be read: {cause.Message}.", cause);

    private static string Named(string what, long? number) => number is null ? what : $"{what} {number}";

    /// <summary>The number that a record bears by its own account, also when the rest is damaged.</summary>
    private static long? NumberIn(ReadOnlyMemory<byte> record)
    {
        if (record.Length <= Checksum.Size || record.Span[Checksum.Size] != NumberTag)
            return null;
        var reader = new Queue.Varint.Reader(record[(Checksum.Size + 1)..]);
        return reader.TryRead(out var number) && number <= long.MaxValue ? (long)number : null;
    }

    /// <summary>One event, measured before it is written: entries go straight into the record, all else is small.</summary>
    private readonly record struct EventPart(Proto.RaftEvent? Small, ImmutableArray<Entry> Entries, int BlockSize, int Size)
    {
        public static EventPart Measure(IRaftEvent raftEvent)
        {
            if (raftEvent is EntriesAppended { Entries: var entries })
            {
                if (entries.IsDefaultOrEmpty)
                    throw new ArgumentException("An event says that entries were appended, but has none.", nameof(raftEvent));
                var blockSize = EntryBlock.SizeOf(entries);
                return new EventPart(null, entries, blockSize, PackedWriter.SizeOfField(EntriesField, blockSize));
            }

            var small = EventMapper.ToProto(raftEvent);
            return new EventPart(small, [], 0, small.CalculateSize());
        }

        public void Write(ref PackedWriter writer)
        {
            if (Small is not null)
            {
                Small.WriteTo(writer.Take(Size));
                return;
            }

            writer.FieldStart(EntriesField, BlockSize);
            EntryBlock.Write(ref writer, Entries);
        }
    }
}
