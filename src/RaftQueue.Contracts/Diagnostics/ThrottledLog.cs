using Akka.Event;

namespace RaftQueue.Contracts.Diagnostics;

/// <summary>
/// A log for what others can cause as often as they like. Of the events of one kind with one cause, the first is logged at once; those of
/// the following minute are
/// counted, and are logged as one line, with their number, at its end. May be used by several threads.
/// </summary>
/// <remarks>
/// The causes that are told apart are bounded for each kind: events of any further cause are counted together, so that no choice of them
/// makes more than a fixed
/// number of lines, or hides another kind.
/// </remarks>
/// <param name="log">Where the lines go.</param>
/// <param name="time">The clock.</param>
internal sealed class ThrottledLog(ILoggingAdapter log, TimeProvider time)
{
    /// <summary>How long events are counted before they are logged.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>The most causes of a kind that are told apart.</summary>
    public const int MaxCauses = 32;

    private const string OtherCauses = "";

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, string Cause), Repeats> _repeats = [];
    private ITimer? _timer;

    /// <summary>Something happened.</summary>
    /// <param name="level">How serious it is.</param>
    /// <param name="kind">What kind of event it is: one of few.</param>
    /// <param name="cause">What caused it, such as a host: anything.</param>
    /// <param name="message">What happened, in full.</param>
    public void Log(LogLevel level, string kind, string? cause, string message)
    {
        lock (_lock)
        {
            var key = (kind, cause ?? "");
            if (!_repeats.ContainsKey(key) && _repeats.Keys.Count(known => known.Kind == kind) >= MaxCauses)
                key = (kind, OtherCauses);
            if (_repeats.TryGetValue(key, out var repeats))
            {
                _repeats[key] = new Repeats(level, message, repeats.Count + 1);
                return;
            }

            _repeats[key] = new Repeats(level, message, 0);
            StartTimer();
        }

        log.Log(level, null, "{0}", message);
    }

    /// <summary>Something happened that deserves attention.</summary>
    /// <inheritdoc cref="Log"/>
    public void Warning(string kind, string? cause, string message) => Log(LogLevel.WarningLevel, kind, cause, message);

    private void StartTimer()
    {
        if (_timer is null)
            _timer = time.CreateTimer(_ => EndInterval(), null, Interval, Timeout.InfiniteTimeSpan);
        else if (_repeats.Count == 1)
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
    }

    // A cause that was quiet is forgotten; one that was not stays, so that it makes one line for each interval.
    private void EndInterval()
    {
        List<Repeats> repeated;
        lock (_lock)
        {
            foreach (var quiet in _repeats.Where(repeats => repeats.Value.Count == 0).ToList())
                _repeats.Remove(quiet.Key);
            repeated = [.. _repeats.Values];
            foreach (var key in _repeats.Keys.ToList())
                _repeats[key] = _repeats[key] with { Count = 0 };
            if (_repeats.Count > 0)
                _timer!.Change(Interval, Timeout.InfiniteTimeSpan);
        }

        foreach (var (level, message, count) in repeated)
            log.Log(level, null, "{0} ({1} times in {2} s; this is the last of them.)", message, count, Interval.TotalSeconds);
    }

    private sealed record Repeats(LogLevel Level, string Message, long Count);
}
