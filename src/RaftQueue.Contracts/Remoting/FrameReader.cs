using System.Buffers;
using Google.Protobuf;

namespace RaftQueue.Contracts.Remoting;

/// <summary>Cuts a stream of bytes, in whatever pieces it comes, into the frames that were put into it.</summary>
/// <param name="largest">The most bytes that a frame may have.</param>
internal sealed class FrameReader(int largest) : IDisposable
{
    private const int SmallestRoom = 4 * 1024;
    private const int LargestRead = 256 * 1024;

    /// <summary>The most bytes that a frame may have from now on.</summary>
    public int Largest { get; set; } = largest;

    private byte[] _room = ArrayPool<byte>.Shared.Rent(SmallestRoom);
    private int _start;
    private int _end;

    /// <summary>Where the next bytes of the stream are to be read into; never empty.</summary>
    public Memory<byte> Room()
    {
        if (_end == _room.Length)
            MakeRoom();
        return _room.AsMemory(_end);
    }

    /// <summary>So many bytes of the stream have been read into the room.</summary>
    public void Advance(int bytes) => _end += bytes;

    /// <summary>Takes the next whole frame; false where there is none yet.</summary>
    /// <exception cref="InvalidDataException">The length is none that a frame can have: nothing behind it can be understood.</exception>
    public bool TryTake(out ByteString payload)
    {
        payload = ByteString.Empty;
        if (_end - _start < Frame.LengthBytes)
            return false;
        var length = Frame.LengthAt(_room.AsSpan(_start));
        if (length < 0 || length > Largest)
            throw new InvalidDataException($"a frame of {(uint)length} bytes, where at most {Largest} are allowed");
        if (_end - _start - Frame.LengthBytes < length)
            return false;
        payload = ByteString.CopyFrom(_room, _start + Frame.LengthBytes, length);
        _start += Frame.LengthBytes + length;
        if (_start == _end)
            _start = _end = 0;
        return true;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_room);
        (_room, _start, _end) = ([], 0, 0);
    }

    // A reader that fills its room reads more at a time from now on. A frame that is announced gets room as its bytes come: to announce one
    // costs
    // a peer nothing.
    private void MakeRoom()
    {
        var held = _room.AsSpan(_start, _end - _start);
        var needed = held.Length < Frame.LengthBytes ? Frame.LengthBytes : Frame.LengthBytes + Frame.LengthAt(held);
        var room = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Min(needed, 2 * _room.Length), Math.Min(2 * _room.Length, LargestRead)));
        held.CopyTo(room);
        ArrayPool<byte>.Shared.Return(_room);
        (_room, _start, _end) = (room, 0, held.Length);
    }
}
