using RaftQueue.Benchmarks.Systems;

namespace RaftQueue.Benchmarks.Load;

/// <summary>What came out again: every message by its number, once or more often.</summary>
internal sealed class Receiving(LoadOptions options, Latency deliveries)
{
    private readonly int[] _seen = new int[options.Count];
    private readonly GapMeter _gap = new();
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _distinct;
    private int _duplicates;

    /// <summary>Completes when every message was delivered.</summary>
    public Task Complete => _complete.Task;

    /// <summary>Messages delivered at least once.</summary>
    public int Distinct => Volatile.Read(ref _distinct);

    /// <summary>Deliveries beyond the first of a message.</summary>
    public int Duplicates => _duplicates;

    /// <summary>The longest time in which nothing was delivered, in milliseconds.</summary>
    public double LongestGapMs => _gap.LongestMs;

    public void OnMessage(ReadOnlySpan<byte> body)
    {
        var (number, start) = Stamp.Read(body);
        deliveries.RecordSince(start);
        if (options.Workload == Workload.Failover)
            _gap.Progress();
        if (Interlocked.Increment(ref _seen[number]) > 1)
            Interlocked.Increment(ref _duplicates);
        else if (Interlocked.Increment(ref _distinct) == options.Count)
            _complete.TrySetResult();
    }

    public async Task SettledAsync(IEnumerable<IReceiver> receivers)
    {
        await Complete;
        await Task.WhenAll(receivers.Select(receiver => receiver.SettledAsync()));
    }
}
