using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The stored form of a piece: a format byte, a CRC-32C, the bytes. The checksum covers the owner and the number as well, so that
/// a piece that a database returns in place of another is damage too.
/// </summary>
internal static class PieceFrame
{
    private const byte Format = 1;
    private const int HeaderBytes = sizeof(byte) + sizeof(uint);

    public static byte[] Seal(string owner, long number, ReadOnlySpan<byte> bytes)
    {
        var framed = new byte[HeaderBytes + bytes.Length];
        framed[0] = Format;
        BinaryPrimitives.WriteUInt32LittleEndian(framed.AsSpan(1), Checksum(owner, number, bytes));
        bytes.CopyTo(framed.AsSpan(HeaderBytes));
        return framed;
    }

    /// <summary>Gives the bytes back without copying them.</summary>
    /// <exception cref="DamagedPieceException">They are not what was sealed.</exception>
    public static ReadOnlyMemory<byte> Open(string owner, long number, byte[] framed)
    {
        if (framed.Length < HeaderBytes)
            throw new DamagedPieceException(owner, number, $"its {framed.Length} bytes are shorter than a header.");
        if (framed[0] != Format)
            throw new DamagedPieceException(owner, number, $"its format is {framed[0]}, known is {Format}.");
        var stored = BinaryPrimitives.ReadUInt32LittleEndian(framed.AsSpan(1));
        var bytes = framed.AsMemory(HeaderBytes);
        var actual = Checksum(owner, number, bytes.Span);
        return stored == actual
            ? bytes
            : throw new DamagedPieceException(owner, number, $"its checksum is {actual:x8}, stored was {stored:x8}.");
    }

    private static uint Checksum(string owner, long number, ReadOnlySpan<byte> bytes)
    {
        var crc = Continue(uint.MaxValue, Encoding.UTF8.GetBytes(owner));
        crc = BitOperations.Crc32C(crc, (ulong)number);
        return ~Continue(crc, bytes);
    }

    private static uint Continue(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }
        foreach (var value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }
}
