namespace RaftQueue.Core.Queue;

/// <summary>
/// Which bodies are in memory. That is no part of the state: replicas differ in it, and their digests do not. A segment that is written to, or that no stored snapshot
/// has yet, always is.
/// </summary>
internal sealed partial class Segments
{
    private readonly Dictionary<long, Segment> _evictable = [];
    private readonly List<(Segment Segment, int Length)> _captured = [];
    private long _uses;

    /// <summary>Bytes that may leave memory.</summary>
    public long EvictableBytes { get; private set; }

    /// <summary>How many segments are not in memory.</summary>
    public int Evicted { get; private set; }

    public void Use(Segment segment) => segment.LastUse = ++_uses;

    /// <summary>A snapshot that is about to be stored has the segment as far as it goes now.</summary>
    public void Captured(Segment segment)
    {
        segment.CapturedLength = segment.Length;
        _captured.Add((segment, segment.Length));
    }

    /// <summary>All that was captured is on this node's disk.</summary>
    public void MarkStored()
    {
        foreach (var (segment, length) in _captured)
        {
            segment.StoredLength = length;
            if (_byNumber.ContainsKey(segment.Number))
                Track(segment);
        }

        _captured.Clear();
    }

    /// <summary>The bytes of a segment are there again.</summary>
    public void Load(Segment segment, ReadOnlyMemory<byte> bytes)
    {
        segment.Load(bytes);
        Evicted--;
        Track(segment);
    }

    public void Evict(Segment segment)
    {
        Untrack(segment);
        segment.Evict();
        Evicted++;
    }

    /// <summary>Evicts, the longest unused first, until no more than <paramref name="bytes"/> are left of those that may leave, or none but those that are to be kept.</summary>
    public void EvictTo(long bytes, IReadOnlySet<long> kept)
    {
        while (EvictableBytes > bytes && LongestUnused(kept) is { } segment)
            Evict(segment);
    }

    private Segment? LongestUnused(IReadOnlySet<long> kept) =>
        _evictable.Values.Where(segment => !kept.Contains(segment.Number)).MinBy(segment => segment.LastUse);

    private void Track(Segment segment)
    {
        Use(segment);
        if (!segment.IsLoaded)
            Evicted++;
        else if (segment.CanBeEvicted && _evictable.TryAdd(segment.Number, segment))
            EvictableBytes += segment.Length;
    }

    private void Untrack(Segment segment)
    {
        if (!segment.IsLoaded)
            Evicted--;
        else if (_evictable.Remove(segment.Number))
            EvictableBytes -= segment.Length;
    }
}
