using System.Text;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Writes state canonically: the same state gives the same bytes. Numbers are not negative, and take as few bytes as they need, seven bits a byte.
/// </summary>
internal sealed class StateWriter
{
    private const int MaxNumberBytes = 10;

    private byte[] _buffer = new byte[256];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    public void Number(long value)
    {
        Reserve(MaxNumberBytes);
        var rest = (ulong)value;
        while (rest >= 0x80)
        {
            _buffer[_length++] = (byte)(rest | 0x80);
            rest >>= 7;
        }

        _buffer[_length++] = (byte)rest;
    }

    public void Flag(bool value) => Number(value ? 1 : 0);

    public void Time(TimeSpan value) => Number(value.Ticks);

    public void Id(Guid value)
    {
        Reserve(16);
        value.TryWriteBytes(_buffer.AsSpan(_length), bigEndian: true, out var written);
        _length += written;
    }

    /// <summary>A group, or none.</summary>
    public void OptionalGroup(GroupId? value) => Number(value is { } group ? group.Value + 1L : 0);

    public void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Number(length);
        Reserve(length);
        _length += Encoding.UTF8.GetBytes(value, _buffer.AsSpan(_length));
    }

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int bytes)
    {
        if (_buffer.Length - _length < bytes)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
    }
}
