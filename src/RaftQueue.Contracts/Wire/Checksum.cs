using System.Buffers.Binary;
using System.Numerics;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// The first five bytes of what lies on disk: field 1, a fixed32 with the CRC-32C of all bytes behind it. It finds every burst of up to 32 flipped bits,
/// and anything else but for one case in four billion.
/// </summary>
internal static class Checksum
{
    /// <summary>Bytes of the field.</summary>
    public const int Size = 5;

    private const byte Tag = 0x0D;

    /// <summary>Fills in the field at the front of <paramref name="record"/>, once the rest is written.</summary>
    public static void Seal(Span<byte> record)
    {
        record[0] = Tag;
        BinaryPrimitives.WriteUInt32LittleEndian(record[1..], Crc32C(record[Size..]));
    }

    /// <summary>Whether <paramref name="record"/> is as it was sealed.</summary>
    public static bool IsIntact(ReadOnlySpan<byte> record) =>
        record.Length >= Size
        && record[0] == Tag
        && BinaryPrimitives.ReadUInt32LittleEndian(record[1..]) == Crc32C(record[Size..]);

    /// <summary>CRC-32C (Castagnoli), by the processor's own instruction where it has one.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }
}
