using System.Buffers;

namespace RaftQueue.Contracts.Queue;

/// <summary>Numbers in as few bytes as they need, seven bits a byte, as Protocol Buffers write them: the alphabet of the packed blocks.</summary>
internal static class Varint
{
    private const int MaxLength = 10;

    public static void Write(IBufferWriter<byte> output, ulong value)
    {
        var span = output.GetSpan(MaxLength);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }

    public static void WriteBytes(IBufferWriter<byte> output, ReadOnlySpan<byte> bytes)
    {
        Write(output, (ulong)bytes.Length);
        output.Write(bytes);
    }

    /// <summary>Reads from the front; a failed read leaves the position undefined.</summary>
    public struct Reader(ReadOnlyMemory<byte> bytes)
    {
        private readonly ReadOnlyMemory<byte> _bytes = bytes;

        /// <summary>Bytes read so far.</summary>
        public int Position { get; private set; }

        public bool TryRead(out ulong value)
        {
            value = 0;
            var span = _bytes.Span[Position..];
            for (var i = 0; i < span.Length && i < MaxLength; i++)
            {
                value |= (ulong)(span[i] & 0x7F) << (7 * i);
                if (span[i] >= 0x80)
                    continue;
                Position += i + 1;
                return true;
            }

            return false;
        }

        public bool TryReadMilliseconds(TimeSpan bound, out TimeSpan? span)
        {
            var isRead = TryRead(out var value) && value <= (ulong)bound.TotalMilliseconds;
            span = isRead ? TimeSpan.FromMilliseconds((long)value) : null;
            return isRead;
        }

        public bool TryReadBytes(out ReadOnlyMemory<byte> read)
        {
            read = default;
            if (!TryRead(out var length) || length > (ulong)(_bytes.Length - Position))
                return false;
            read = _bytes.Slice(Position, (int)length);
            Position += (int)length;
            return true;
        }
    }
}
