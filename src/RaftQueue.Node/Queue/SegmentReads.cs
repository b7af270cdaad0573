namespace RaftQueue.Node.Queue;

/// <summary>A segment that is waited for.</summary>
/// <param name="Segment">Its number.</param>
/// <param name="Since">Since when, on the monotonic clock.</param>
internal sealed record AwaitedSegment(long Segment, TimeSpan Since);

/// <summary>Which segments are wanted back in memory. A few are read at a time, in the order in which they were wanted: what is read lies in memory beside the cache.</summary>
internal sealed class SegmentReads(int atOnce)
{
    private readonly Dictionary<long, AwaitedSegment> _wanted = [];
    private readonly Queue<long> _waiting = new();
    private int _reading;

    /// <summary>What was wanted first of all that is not there yet.</summary>
    public AwaitedSegment? Oldest => _wanted.Values.MinBy(awaited => awaited.Since);

    /// <summary>Wants a segment, once.</summary>
    public void Want(long segment, TimeSpan now)
    {
        if (_wanted.TryAdd(segment, new AwaitedSegment(segment, now)))
            _waiting.Enqueue(segment);
    }

    /// <summary>The next segment to read, where there is one and another read may start.</summary>
    public bool TryStart(out long segment)
    {
        segment = 0;
        if (_reading >= atOnce || !_waiting.TryDequeue(out segment))
            return false;
        _reading++;
        return true;
    }

    /// <summary>The read of a segment has ended.</summary>
    /// <returns>False where nobody wants it any more.</returns>
    public bool Finish(long segment)
    {
        if (!_wanted.Remove(segment))
            return false;
        _reading--;
        return true;
    }

    /// <summary>Nothing is wanted any more; reads that are under way end unheard.</summary>
    public void Clear()
    {
        _wanted.Clear();
        _waiting.Clear();
        _reading = 0;
    }
}
