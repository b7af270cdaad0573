using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Reporting;

/// <summary>A time in which nothing was confirmed.</summary>
/// <param name="From">The last confirm before it, in milliseconds of the run.</param>
/// <param name="Until">The first confirm after it.</param>
public sealed record Window(double From, double Until)
{
    /// <summary>How long it was.</summary>
    public TimeSpan Length => TimeSpan.FromMilliseconds(Until - From);
}

/// <summary>When sends were confirmed, and when not.</summary>
public sealed class Availability
{
    private readonly double[] _confirms;

    public Availability(IReadOnlyList<HistoryEvent> events)
    {
        var sends = events.OfType<Invoked>().Where(call => call.Kind is OperationKind.Send or OperationKind.Batch).Select(call => call.Op).ToHashSet();
        _confirms = [.. events.OfType<Completed>().Where(end => end.Outcome == Outcome.Ok && sends.Contains(end.Op)).Select(end => end.At)];
    }

    /// <summary>The longest window that touches a stretch of time.</summary>
    public Window LongestWithin(double from, double until) =>
        Windows().Where(window => window.Until >= from && window.From <= until).DefaultIfEmpty(new Window(0, 0)).MaxBy(window => window.Length)!;

    /// <summary>The windows longer than this, the longest first.</summary>
    public IReadOnlyList<Window> LongerThan(TimeSpan length) => [.. Windows().Where(window => window.Length > length).OrderByDescending(window => window.Length)];

    private IEnumerable<Window> Windows() => _confirms.Zip(_confirms.Skip(1), (from, until) => new Window(from, until));
}
