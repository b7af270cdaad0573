using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

public sealed class JournalCodecTests
{
    public static TheoryData<string> Sealed => new(Samples.All.Where(sample => sample.IsSealed).Select(sample => sample.Name));

    [Theory]
    [MemberData(nameof(Sealed))]
    public void A_flipped_bit_anywhere_in_a_record_is_found(string name)
    {
        var sample = RoundtripTests.Named(name);
        var record = sample.Bytes;
        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            record[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<DamagedRecordException>(() => sample.Decode(record));
            record[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        sample.Decode(record);
    }

    [Theory]
    [MemberData(nameof(Sealed))]
    public void A_record_that_was_cut_anywhere_or_grew_is_found(string name)
    {
        var sample = RoundtripTests.Named(name);
        var record = sample.Bytes;
        for (var length = 0; length < record.Length; length++)
            Assert.Throws<DamagedRecordException>(() => sample.Decode(record.AsMemory(0, length)));
        Assert.Throws<DamagedRecordException>(() => sample.Decode((byte[])[.. record, 0]));
    }

    [Fact]
    public void A_damaged_record_is_named_by_its_number()
    {
        var record = JournalCodec.Encode(123_456, [new Voted(new Term(9), null)]);
        record[^1] ^= 1;

        var damage = Assert.Throws<DamagedRecordException>(() => JournalCodec.Decode(record));

        Assert.Equal(123_456, damage.Number);
        Assert.Contains("journal record 123456", damage.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_of_a_newer_version_is_refused_not_skipped()
    {
        // A sound record whose only event is of a kind with the number 15.
        var record = JournalCodec.Encode(5, [new LogTruncated(new LogIndex(1))]);
        record[^4] = 15 << 3 | 2;
        Checksum.Seal(record);

        var refusal = Assert.Throws<DamagedRecordException>(() => JournalCodec.Decode(record));

        Assert.Equal(5, refusal.Number);
        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_keeps_its_number_and_the_order_of_its_events()
    {
        ImmutableArray<IRaftEvent> events = [new Voted(new Term(1), null), new LogTruncated(new LogIndex(2))];

        var read = JournalCodec.Decode(JournalCodec.Encode(0, events));

        Assert.Equal(0, read.Number);
        Assert.Equal(events.AsEnumerable(), read.Events);
    }

    [Fact]
    public void Entries_with_a_gap_are_not_written()
    {
        var first = new Entry(new LogIndex(5), new Term(1), LogTime.Zero, EntryKind.NoOp, default);
        Assert.Throws<ArgumentException>(() => JournalCodec.Encode(1, [new EntriesAppended([first, first with { Index = new LogIndex(7) }])]));
        Assert.Throws<ArgumentException>(() => JournalCodec.Encode(1, [new EntriesAppended([])]));
    }

    [Theory]
    [InlineData("123456789", 0xE3069283)]
    [InlineData("", 0)]
    public void The_checksum_is_CRC_32C(string text, uint expected) =>
        Assert.Equal(expected, Checksum.Crc32C(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_checksum_is_CRC_32C_over_whole_words_too() => Assert.Equal(0x8A9136AAu, Checksum.Crc32C(new byte[32]));
}
