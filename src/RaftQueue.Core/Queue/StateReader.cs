using System.Text;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>Reads what <see cref="StateWriter"/> wrote; whatever does not fit is damage of the piece.</summary>
internal sealed class StateReader(string piece, ReadOnlyMemory<byte> bytes)
{
    private const int MaxNumberBytes = 10;

    private int _position;

    public long Number()
    {
        ulong value = 0;
        for (var i = 0; i < MaxNumberBytes; i++)
        {
            var next = Raw(1).Span[0];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
                return (long)value;
        }

        throw new DamagedSnapshotException(piece, $"a number before byte {_position} does not end");
    }

    /// <summary>How many things, or bytes, follow: never more than there are bytes in any piece.</summary>
    public int Count()
    {
        var count = Number();
        return count is >= 0 and <= int.MaxValue ? (int)count : throw new DamagedSnapshotException(piece, $"a count before byte {_position} is {count}");
    }

    /// <summary>
    /// A number of things that take so many bytes each or more: known to be honest before anything is allocated for them.
    /// </summary>
    public int Count(int minBytes)
    {
        var count = Count();
        return count <= (bytes.Length - _position) / minBytes
            ? count
            : throw new DamagedSnapshotException(piece, $"it claims {count} items, but only {bytes.Length - _position} bytes follow");
    }

    public bool Flag() => Number() != 0;

    public TimeSpan Time() => TimeSpan.FromTicks(Number());

    public Guid Id() => new(Raw(16).Span, bigEndian: true);

    public GroupId? OptionalGroup() => Count() is > 0 and var next ? new GroupId(next - 1) : null;

    public string Text() => Encoding.UTF8.GetString(Raw(Count()).Span);

    public ReadOnlyMemory<byte> Raw(int length)
    {
        if (length > bytes.Length - _position)
            throw new DamagedSnapshotException(piece, $"it is cut short at byte {_position}");
        _position += length;
        return bytes.Slice(_position - length, length);
    }
}
