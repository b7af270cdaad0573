using System.Diagnostics;

namespace RaftQueue.Benchmarks.Load;

/// <summary>The longest time without progress.</summary>
internal sealed class GapMeter
{
    private readonly Lock _lock = new();
    private long _last;
    private TimeSpan _longest;

    public double LongestMs => _longest.TotalMilliseconds;

    public void Progress()
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            if (_last != 0 && Stopwatch.GetElapsedTime(_last, now) is var gap && gap > _longest)
                _longest = gap;
            _last = now;
        }
    }
}
