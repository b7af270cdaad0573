using RaftQueue.Contracts;

namespace RaftQueue.Simulation.Nodes;

/// <summary>
/// A node's two clocks. The monotonic one, by which timers run, drifts but never jumps; the wall clock, which log time is slewed
/// towards, is off by a skew and jumps either way, by years at times.
/// </summary>
public sealed class NodeClock(double rate, TimeSpan skew)
{
    private static readonly TimeSpan Epoch = DateTimeOffset.Parse("2025-01-01T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch;
    private TimeSpan _skew = skew;

    /// <summary>The monotonic clock when the true time is <paramref name="now"/>.</summary>
    public TimeSpan Monotonic(TimeSpan now) => now * rate;

    /// <summary>How much true time passes while the monotonic clock counts <paramref name="span"/>.</summary>
    public TimeSpan TrueSpan(TimeSpan span) => span / rate;

    /// <summary>The wall clock when the true time is <paramref name="now"/>.</summary>
    public LogTime Wall(TimeSpan now) => new((long)(Epoch + now * rate + _skew).TotalMilliseconds);

    /// <summary>Someone sets the wall clock.</summary>
    public void Jump(TimeSpan by) => _skew += by;
}
