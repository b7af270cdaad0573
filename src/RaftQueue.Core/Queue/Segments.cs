using System.Security.Cryptography;

namespace RaftQueue.Core.Queue;

/// <summary>
/// A run of message bodies in the order of the log, the same bytes on every replica. It is appended to until it is full, then sealed; its bytes may leave
/// memory once a stored snapshot has them.
/// </summary>
internal sealed class Segment
{
    private byte[]? _room;
    private ReadOnlyMemory<byte> _bytes;
    private byte[]? _hash;
    private int _hashedLength = -1;

    private Segment(long number, byte[]? room, ReadOnlyMemory<byte> bytes, int length) =>
        (Number, _room, _bytes, Length) = (number, room, bytes, length);

    public long Number { get; }

    public int Length { get; private set; }

    /// <summary>Messages whose bodies lie here.</summary>
    public long Live { get; set; }

    public bool IsSealed { get; private set; }

    public bool IsLoaded { get; private set; } = true;

    /// <summary>How much of it the last snapshot has; -1 for nothing.</summary>
    public int CapturedLength { get; set; } = -1;

    /// <summary>How much of it is on this node's disk; -1 for nothing.</summary>
    public int StoredLength { get; set; } = -1;

    /// <summary>Rises with every use: what was not used for longest leaves memory first.</summary>
    public long LastUse { get; set; }

    /// <summary>Whether its bytes may leave memory: nothing is written to it any more, and the disk has all of it.</summary>
    public bool CanBeEvicted => IsSealed && IsLoaded && StoredLength == Length;

    public string PieceName => $"segment-{Number}-{Length}";

    /// <summary>What is in it; what is appended later does not change it.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes[..(IsLoaded ? Length : 0)];

    public static Segment New(long number, int capacity)
    {
        var room = GC.AllocateUninitializedArray<byte>(capacity);
        return new Segment(number, room, room, 0);
    }

    /// <summary>A segment out of a snapshot: an open one gets room to go on, a sealed one lies in memory as it was read, or not at all yet.</summary>
    public static Segment Restored(PieceRecord record, ReadOnlyMemory<byte>? bytes, int openCapacity)
    {
        var room = openCapacity == 0 ? null : new byte[Math.Max(openCapacity, record.Length)];
        if (room is not null)
            bytes.GetValueOrDefault().CopyTo(room);
        return new Segment(record.Number, room, room ?? bytes.GetValueOrDefault(), record.Length)
        {
            CapturedLength = record.Length,
            StoredLength = record.Length,
            IsLoaded = bytes is not null,
            IsSealed = room is null,
            _hash = record.Hash,
            _hashedLength = record.Length,
        };
    }

    public bool HasRoomFor(int length) => Length + length <= _room!.Length;

    public int Append(ReadOnlySpan<byte> body)
    {
        var offset = Length;
        body.CopyTo(_room.AsSpan(offset));
        Length += body.Length;
        return offset;
    }

    public void Seal() => (IsSealed, _room) = (true, null);

    public void Evict() => (_bytes, IsLoaded) = (default, false);

    public void Load(ReadOnlyMemory<byte> bytes) => (_bytes, IsLoaded) = (bytes, true);

    /// <summary>SHA-256 of the bytes so far; of a sealed segment it is computed once.</summary>
    public byte[] Hash()
    {
        if (_hashedLength != Length)
            (_hash, _hashedLength) = (SHA256.HashData(Bytes.Span), Length);
        return _hash!;
    }
}

/// <summary>All bodies of the machine. A segment is dropped when the last message in it has gone.</summary>
internal sealed partial class Segments(int segmentBytes)
{
    private readonly Dictionary<long, Segment> _byNumber = [];
    private Segment? _open;

    /// <summary>The number that the next segment gets.</summary>
    public long NextNumber { get; private set; }

    public IEnumerable<Segment> InOrder => _byNumber.Values.OrderBy(segment => segment.Number);

    public bool TryFind(long number, out Segment segment) => _byNumber.TryGetValue(number, out segment!);

    /// <summary>Copies a body to the end of the open segment, or of a new one.</summary>
    public BodyRef Append(ReadOnlySpan<byte> body)
    {
        if (_open is null || !_open.HasRoomFor(body.Length))
            Open(body.Length);
        _open!.Live++;
        return new BodyRef(_open.Number, _open.Append(body), body.Length);
    }

    /// <summary>One message less has its body in the segment.</summary>
    public void Release(BodyRef body)
    {
        var segment = _byNumber[body.Segment];
        segment.Live--;
        DropIfDead(segment);
    }

    /// <summary>Takes a segment out of a snapshot; at most the last can be open.</summary>
    public void Attach(Segment segment)
    {
        _byNumber.Add(segment.Number, segment);
        if (!segment.IsSealed)
            _open = segment;
        Track(segment);
    }

    /// <summary>Goes on after the segments of a snapshot: the later ones may all be gone.</summary>
    public void ContinueAt(long nextNumber) => NextNumber = nextNumber;

    private void Open(int length)
    {
        if (_open is { } full)
        {
            full.Seal();
            DropIfDead(full);
        }

        _open = Segment.New(NextNumber, Math.Max(segmentBytes, length));
        _byNumber.Add(NextNumber++, _open);
    }

    private void DropIfDead(Segment segment)
    {
        if (segment is not { Live: 0, IsSealed: true })
            return;
        Untrack(segment);
        _byNumber.Remove(segment.Number);
    }
}
