using System.Diagnostics;

namespace RaftQueue.Chaos.History;

/// <summary>
/// Records what happens, with times that order it: an operation's invocation is stamped before the client hears of it, its completion after the client has answered.
/// </summary>
public sealed class HistoryRecorder : IDisposable
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<HistoryEvent> _events = [];
    private readonly Lock _lock = new();
    private readonly StreamWriter? _file;
    private long _lastOp;

    /// <param name="path">Where the lines go as well; null for memory only.</param>
    public HistoryRecorder(string? path = null) => _file = path is null ? null : new StreamWriter(path);

    /// <summary>Milliseconds since the run began.</summary>
    public double Now => _clock.Elapsed.TotalMilliseconds;

    /// <summary>A number for the next operation.</summary>
    public long NextOp() => Interlocked.Increment(ref _lastOp);

    /// <summary>Records an event, stamped now and in the order of the stamps.</summary>
    public void Record(Func<double, HistoryEvent> happened)
    {
        lock (_lock)
        {
            var recorded = happened(Math.Round(Now, 3));
            _events.Add(recorded);
            _file?.WriteLine(HistoryFile.Format(recorded));
        }
    }

    /// <summary>Everything so far.</summary>
    public IReadOnlyList<HistoryEvent> Events
    {
        get
        {
            lock (_lock)
                return [.. _events];
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
            _file?.Dispose();
    }
}
