using System.Collections.Frozen;
using System.Security.Cryptography;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>A segment, as whoever stores and evicts it sees it.</summary>
/// <param name="Number">Its number.</param>
/// <param name="PieceName">The name of the snapshot piece that holds it.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="IsLoaded">Whether its bytes are in memory.</param>
/// <param name="CanBeEvicted">Whether it is full and on this node's disk, so that its bytes may leave memory.</param>
public sealed record SegmentInfo(long Number, string PieceName, int Length, bool IsLoaded, bool CanBeEvicted);

/// <content>
/// The bodies (P7): applying never needs one, so they may leave memory and come back. Which of them are in memory is the only thing in which replicas may differ.
/// </content>
public sealed partial class QueueMachine
{
    /// <summary>The segments that hold the body of any message, by number.</summary>
    public IEnumerable<SegmentInfo> Segments => _state.Segments.InOrder.Select(segment => new SegmentInfo(
        segment.Number, segment.PieceName, segment.Length, segment.IsLoaded, segment.CanBeEvicted));

    /// <summary>The bytes of the segments in memory that may leave it.</summary>
    public long EvictableBytes => _state.Segments.EvictableBytes;

    /// <summary>How many segments are not in memory.</summary>
    public int EvictedSegments => _state.Segments.Evicted;

    /// <summary>The packed bytes of a message, valid for as long as they are kept.</summary>
    /// <returns>False while the segment is not in memory (see <see cref="Load"/>), or is gone because all its messages are.</returns>
    public bool TryGetBody(BodyRef body, out ReadOnlyMemory<byte> bytes)
    {
        if (!_state.Segments.TryFind(body.Segment, out var segment) || !segment.IsLoaded)
        {
            bytes = default;
            return false;
        }

        _state.Segments.Use(segment);
        bytes = segment.Bytes.Slice(body.Offset, body.Length);
        return true;
    }

    /// <summary>The snapshot piece that holds a segment; null where the segment is gone because all its messages are.</summary>
    public string? PieceOf(long segment) => _state.Segments.TryFind(segment, out var found) ? found.PieceName : null;

    /// <summary>
    /// Says that a capture, with all before it, is durable on this node: what is full and stored may leave memory. A snapshot of another index says nothing.
    /// </summary>
    public void MarkStored(LogIndex capture)
    {
        if (capture == _state.CapturedIndex)
            _state.Segments.MarkStored();
    }

    /// <summary>Lets the bytes of a segment leave memory.</summary>
    /// <returns>False where they must stay or are not there: the segment is still written to, is in no stored snapshot yet, or is gone.</returns>
    public bool Evict(long segment)
    {
        if (!_state.Segments.TryFind(segment, out var found) || !found.CanBeEvicted)
            return false;
        _state.Segments.Evict(found);
        return true;
    }

    /// <summary>Lets segments leave memory, those first that were not used for longest, until <see cref="EvictableBytes"/> is within a bound.</summary>
    /// <param name="bytes">The bound.</param>
    /// <param name="kept">Segments that stay, even where the bound is missed for it.</param>
    public void EvictTo(long bytes, IReadOnlySet<long>? kept = null) => _state.Segments.EvictTo(bytes, kept ?? FrozenSet<long>.Empty);

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
        _state.Segments.Load(found, bytes);
        return true;
    }

    /// <summary>The segments that are not in memory and hold what a queue will hand out next, in about that order.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="messages">How many messages to look ahead.</param>
    /// <param name="bytes">And how many bytes, whichever is less.</param>
    public IReadOnlyList<long> SegmentsAhead(QueueName queue, int messages, long bytes)
    {
        var ahead = new List<long>();
        if (!_state.TryFind(queue, out var state))
            return ahead;
        var last = -1L;
        foreach (var message in state.Backlog.Upcoming().Take(messages))
        {
            ref var stored = ref message.Ref;
            if (stored.Segment != last && _state.Segments.TryFind(last = stored.Segment, out var segment) && !segment.IsLoaded && !ahead.Contains(last))
                ahead.Add(last);
            if ((bytes -= stored.Length) < 0)
                break;
        }

        return ahead;
    }
}
