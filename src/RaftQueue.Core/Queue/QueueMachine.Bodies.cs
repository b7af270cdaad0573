using System.Security.Cryptography;

namespace RaftQueue.Core.Queue;

/// <summary>A segment, as whoever stores and evicts it sees it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="PieceName">The name of the snapshot piece that holds it.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsLoaded">Whether its bytes are in memory.</param>
/// <param name="CanBeEvicted">Whether it is full and a snapshot has it, so that its bytes may leave memory.</param>
public sealed record SegmentInfo(long Number, string PieceName, int Length, bool IsLoaded, bool CanBeEvicted);

/// <content>The bodies (P7): applying never needs one, so they may leave memory and come back.</content>
public sealed partial class QueueMachine
{
    /// <summary>The segments that hold the body of any message, by number.</summary>
    public IEnumerable<SegmentInfo> Segments => _state.Segments.InOrder.Select(segment => new SegmentInfo(
        segment.Number, segment.PieceName, segment.Length, segment.IsLoaded, segment.IsLoaded && CanBeEvicted(segment)));

    /// <summary>The packed bytes of a message, valid for as long as they are kept.</summary>
    /// <returns>False while the segment is not in memory (see <see cref="Load"/>), or is gone because all its messages are.</returns>
    public bool TryGetBody(BodyRef body, out ReadOnlyMemory<byte> bytes)
    {
        var isThere = _state.Segments.TryFind(body.Segment, out var segment) && segment.IsLoaded;
        bytes = isThere ? segment.Bytes.Slice(body.Offset, body.Length) : default;
        return isThere;
    }

    /// <summary>Lets the bytes of a segment leave memory.</summary>
    /// <returns>False where they must stay: the segment is still written to, is in no snapshot yet, or is gone.</returns>
    public bool Evict(long segment)
    {
        if (!_state.Segments.TryFind(segment, out var found) || !CanBeEvicted(found))
            return false;
        found.Evict();
        return true;
    }

    /// <summary>Brings the bytes of a segment back into memory.</summary>
    /// <returns>False where the segment is gone meanwhile.</returns>
    /// <exception cref="DamagedSnapshotException">The bytes are not those of the segment.</exception>
    public bool Load(long segment, ReadOnlyMemory<byte> bytes)
    {
        if (!_state.Segments.TryFind(segment, out var found))
            return false;
        if (found.IsLoaded)
            return true;
        if (bytes.Length != found.Length || !SHA256.HashData(bytes.Span).AsSpan().SequenceEqual(found.Hash()))
            throw new DamagedSnapshotException(found.PieceName, "its bytes are not those that were captured");
        found.Load(bytes);
        return true;
    }

    private static bool CanBeEvicted(Segment segment) => segment.IsSealed && segment.CapturedLength == segment.Length;
}
