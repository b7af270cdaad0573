using System.Numerics;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Writes varints and length-prefixed bytes into a span of just the right size. A size that was computed wrongly throws; it never writes
/// short.
/// </summary>
internal ref struct PackedWriter(Span<byte> output)
{
    private const int LengthDelimited = 2;

    private Span<byte> _rest = output;

    /// <summary>How many bytes <paramref name="value"/> takes.</summary>
    public static int SizeOf(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    /// <summary>How many bytes <paramref name="length"/> bytes take together with their length.</summary>
    public static int SizeOfBytes(int length) => SizeOf((ulong)length) + length;

    /// <summary>How many bytes a Protocol Buffers field takes that holds <paramref name="length"/> bytes.</summary>
    public static int SizeOfField(int field, int length) => SizeOf((ulong)field << 3) + SizeOfBytes(length);

    public void Varint(ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            _rest[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _rest[length++] = (byte)value;
        _rest = _rest[length..];
    }

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        Varint((ulong)bytes.Length);
        bytes.CopyTo(_rest);
        _rest = _rest[bytes.Length..];
    }

    /// <summary>Starts a Protocol Buffers field of <paramref name="length"/> bytes, which must follow.</summary>
    public void FieldStart(int field, int length)
    {
        Varint(((ulong)field << 3) | LengthDelimited);
        Varint((ulong)length);
    }

    /// <summary>Hands out the next <paramref name="length"/> bytes to be filled by someone else.</summary>
    public Span<byte> Take(int length)
    {
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    /// <summary>Checks that everything was written.</summary>
    public readonly void End()
    {
        if (!_rest.IsEmpty)
            throw new InvalidOperationException($"A packed block came out {_rest.Length} bytes shorter than it was measured.");
    }
}
