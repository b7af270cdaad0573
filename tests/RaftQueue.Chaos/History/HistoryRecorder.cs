using System.Diagnostics;

namespace RaftQueue.Chaos.History;

/// <summary>
/// Records what happens, with times that order it: an operation's invocation is stamped before the client hears of it, its completion after the client has answered.
/// </summary>
public sealed class HistoryRecorder : IDisposable
{
    private readonly long _begun;
    private readonly List<HistoryEvent> _events = [];
    private readonly Lock _lock = new();
    private readonly TextWriter? _file;
    private long _lastOp;

    /// <param name="path">Where the lines go as well; null for memory only.</param>
    public HistoryRecorder(string? path = null) => (_begun, _file) = (Stopwatch.GetTimestamp(), path is null ? null : new StreamWriter(path));

    /// <summary>For a process that takes part in a run: its events have the run's clock, and operations of their own numbers.</summary>
    /// <param name="begun">When the run began, by the monotonic clock of the machine.</param>
    /// <param name="firstOp">The number before its first operation.</param>
    /// <param name="output">Where the events go, one a line, at once.</param>
    public HistoryRecorder(long begun, long firstOp, TextWriter output) => (_begun, _lastOp, _file) = (begun, firstOp, output);

    /// <summary>When the run began, by the monotonic clock of the machine.</summary>
    public long Begun => _begun;

    /// <summary>Milliseconds since the run began.</summary>
    public double Now => Stopwatch.GetElapsedTime(_begun).TotalMilliseconds;

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

    /// <summary>Takes over an event that another process has stamped.</summary>
    public void Take(HistoryEvent happened)
    {
        lock (_lock)
        {
            _events.Add(happened);
            _file?.WriteLine(HistoryFile.Format(happened));
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
