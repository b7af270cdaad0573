using System.Diagnostics;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Client;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Chaos;

/// <summary>What a stretch of load at full speed came to.</summary>
/// <param name="Confirmed">Sends that were confirmed.</param>
/// <param name="Acknowledged">Messages whose acknowledgement was.</param>
/// <param name="Refused">Sends that were refused because the queue was full.</param>
/// <param name="Failures">Everything else that an application would have noticed; at most so many as are worth reading.</param>
/// <param name="Elections">When the term was seen to have risen after the first leader: without a fault each of these is needless.</param>
/// <param name="LongestGap">The longest time between two confirms.</param>
/// <param name="LongestGapAt">When that ended.</param>
/// <param name="PeakBytes">The most memory that each server had.</param>
public sealed record Endurance(
    long Confirmed, long Acknowledged, long Refused, IReadOnlyList<string> Failures, IReadOnlyList<Election> Elections, TimeSpan LongestGap, TimeSpan LongestGapAt, IReadOnlyList<long> PeakBytes);

/// <summary>The term has risen.</summary>
/// <param name="At">When that was seen.</param>
/// <param name="Term">To what.</param>
public sealed record Election(TimeSpan At, long Term);

/// <summary>
/// Load as fast as the cluster takes it, and nothing else: producers that never wait, consumers that acknowledge everything, a queue at its bound where they do not keep up. The defaults
/// are to stand it on a busy machine: no needless election, no failed send, bounded memory.
/// </summary>
public sealed class EnduranceRun
{
    private const string Queue = "endurance";
    private const int Producers = 4;
    private const int Consumers = 2;
    private const int Window = 512;
    private const int MaxFailures = 10;
    private const long MaxMessages = 100_000;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseWhenFull = TimeSpan.FromMilliseconds(20);

    private readonly ServerCluster _cluster;
    private readonly List<string> _failures = [];
    private readonly Lock _lock = new();
    private readonly long[] _peaks;
    private long _confirmed;
    private long _acknowledged;
    private long _refused;
    private long _lastConfirm;
    private long _longestGapEnd;
    private TimeSpan _longestGap;

    private EnduranceRun(ServerCluster cluster) => (_cluster, _peaks) = (cluster, new long[cluster.Nodes.Count]);

    /// <summary>Runs it, on a cluster of its own with the default settings.</summary>
    /// <param name="nodes">How many servers.</param>
    /// <param name="duration">How long.</param>
    /// <param name="progress">Hears how far it is, from 0 to 1, and what has been confirmed.</param>
    /// <param name="cancellation">Ends it without a result.</param>
    public static async Task<Endurance> ExecuteAsync(int nodes, TimeSpan duration, Action<double, long> progress, CancellationToken cancellation)
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterPlan(nodes), Capabilities.Probe(), cancellation);
        return await new EnduranceRun(cluster).RunAsync(duration, progress, cancellation);
    }

    private async Task<Endurance> RunAsync(TimeSpan duration, Action<double, long> progress, CancellationToken cancellation)
    {
        await using var producing = await _cluster.ConnectAsync(cancellation: cancellation);
        await using var consuming = await _cluster.ConnectAsync(cancellation: cancellation);
        await producing.DeclareQueueAsync(Queue, new QueueOptions { MaxMessages = MaxMessages }, cancellation);
        var term = await TermAsync(cancellation);
        var elections = new List<Election>();
        using var stop = new CancellationTokenSource();
        var started = _lastConfirm = _longestGapEnd = Stopwatch.GetTimestamp();
        List<Task> load =
        [
            .. Enumerable.Range(0, Producers).Select(_ => ProduceAsync(producing, stop.Token)),
            .. Enumerable.Range(0, Consumers).Select(_ => ConsumeAsync(consuming, stop.Token)),
        ];
        try
        {
            while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < duration)
            {
                await Task.Delay(Look, cancellation);
                if (await TermAsync(cancellation) is var now && now > term)
                    elections.Add(new Election(elapsed, term = now));
                progress(elapsed / duration, Interlocked.Read(ref _confirmed));
            }
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(load);
        }

        return new Endurance(_confirmed, _acknowledged, _refused, _failures, elections, _longestGap, Stopwatch.GetElapsedTime(started, _longestGapEnd), _peaks);
    }

    private async Task<long> TermAsync(CancellationToken cancellation)
    {
        for (var i = 0; i < _peaks.Length; i++)
            _peaks[i] = Math.Max(_peaks[i], _cluster.Nodes[i].MemoryBytes);
        return (await _cluster.StatusAsync(cancellation)).Max(status => status?.Term.Value ?? 0);
    }

    private async Task ProduceAsync(RaftQueueClient client, CancellationToken stop)
    {
        await using var producer = client.CreateProducer<byte[]>(Queue);
        using var window = new SemaphoreSlim(Window);
        while (!stop.IsCancellationRequested)
        {
            await window.WaitAsync(CancellationToken.None);
            _ = SendAsync(producer, window);
        }

        for (var i = 0; i < Window; i++)
            await window.WaitAsync(CancellationToken.None);
    }

    private async Task SendAsync(Producer<byte[]> producer, SemaphoreSlim window)
    {
        try
        {
            await producer.SendAsync(new byte[256]);
            NoteConfirm();
        }
        catch (QueueFullException)
        {
            Interlocked.Increment(ref _refused);
            await Task.Delay(PauseWhenFull);
        }
        catch (RaftQueueException failure)
        {
            Note(failure);
        }
        finally
        {
            window.Release();
        }
    }

    private async Task ConsumeAsync(RaftQueueClient client, CancellationToken stop)
    {
        await using var consumer = client.CreateConsumer<byte[]>(Queue);
        var acknowledging = new Queue<Task>();
        try
        {
            await foreach (var message in consumer.ReadAllAsync(stop))
            {
                acknowledging.Enqueue(AcknowledgeAsync(message.AckAsync(CancellationToken.None)));
                while (acknowledging.TryPeek(out var oldest) && oldest.IsCompleted)
                    await acknowledging.Dequeue();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // the time is over
        }

        await Task.WhenAll(acknowledging);
    }

    private async Task AcknowledgeAsync(Task settling)
    {
        try
        {
            await settling;
            Interlocked.Increment(ref _acknowledged);
        }
        catch (RaftQueueException failure)
        {
            Note(failure);
        }
    }

    private void NoteConfirm()
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            var gap = Stopwatch.GetElapsedTime(_lastConfirm, now);
            _lastConfirm = now;
            if (gap > _longestGap)
                (_longestGap, _longestGapEnd) = (gap, now);
            _confirmed++;
        }
    }

    private void Note(RaftQueueException failure)
    {
        lock (_lock)
        {
            if (_failures.Count < MaxFailures)
                _failures.Add(failure.Message);
        }
    }
}
