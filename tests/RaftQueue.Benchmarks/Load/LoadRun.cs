using System.Diagnostics;
using RaftQueue.Benchmarks.Systems;

namespace RaftQueue.Benchmarks.Load;

/// <summary>One run of one workload against one system.</summary>
public sealed class LoadRun
{
    private const int MostInSmallBatches = 20_000;

    private static readonly TimeSpan NoProgressLimit = TimeSpan.FromSeconds(45);

    private readonly IQueueSystem _system;
    private readonly LoadOptions _options;
    private readonly Latency _confirm = new();
    private readonly Latency _endToEnd = new();
    private readonly Sending _sending;
    private readonly Receiving _receiving;
    private Cost _cost;

    private LoadRun(IQueueSystem system, LoadOptions options)
    {
        (_system, _options) = (system, options);
        _sending = new Sending(options, _confirm);
        _receiving = new Receiving(options, _endToEnd);
    }

    /// <summary>Runs the workload on fresh queues.</summary>
    /// <param name="system">The system; warm, or the numbers are those of a compiler at work (<see cref="WarmUpAsync"/>).</param>
    /// <param name="options">The run.</param>
    /// <param name="progress">Hears, now and then, how many of the messages are through.</param>
    public static async Task<LoadReport> ExecuteAsync(IQueueSystem system, LoadOptions options, Action<int>? progress = null)
    {
        await system.DeclareAsync(options.Queues);
        var run = new LoadRun(system, options);
        await using var timer = new Timer(_ => progress?.Invoke(run.Through), null, 0, 200);
        return await run.RunAsync();
    }

    /// <summary>Sends so many messages through the system. Small batches come first: code is warm after many operations, not after many messages in a few.</summary>
    public static async Task WarmUpAsync(IQueueSystem system, int messages, Action<int>? progress = null)
    {
        var few = Math.Min(messages / 4, MostInSmallBatches);
        foreach (var (done, count, window) in new[] { (0, few, 2), (few, messages - few, 256) })
        {
            if (count > 0)
                await ExecuteAsync(system, new LoadOptions(Workload.E2e) { Count = count, Window = window }, through => progress?.Invoke(done + through));
        }
    }

    private int Through => Math.Max(_sending.Confirmed, _receiving.Distinct);

    private Task<LoadReport> RunAsync() => _options.Workload switch
    {
        Workload.Produce or Workload.Sync => ProduceAsync(),
        Workload.Consume => ConsumeAsync(),
        Workload.E2e => EndToEndAsync(_sending.FloodAsync),
        Workload.Paced => EndToEndAsync(_sending.KeepRateAsync),
        Workload.Failover => FailoverAsync(),
        Workload.Backlog => BacklogAsync(),
        _ => throw new ArgumentOutOfRangeException(nameof(_options), _options.Workload, "No such workload."),
    };

    private async Task<LoadReport> ProduceAsync()
    {
        await using var senders = await OpenSendersAsync();
        Begin();
        await _sending.FloodAsync(senders);
        return End() with { Confirm = _confirm.Report() };
    }

    private async Task<LoadReport> ConsumeAsync()
    {
        await using (var senders = await OpenSendersAsync())
            await _sending.FloodAsync(senders);
        Begin();
        await using var receivers = await OpenReceiversAsync();
        await _receiving.SettledAsync(receivers);
        return End() with { Duplicates = _receiving.Duplicates };
    }

    private async Task<LoadReport> EndToEndAsync(Func<IReadOnlyList<ISender>, Task> send)
    {
        await using var senders = await OpenSendersAsync();
        await using var receivers = await OpenReceiversAsync();
        Begin();
        await send(senders);
        await _receiving.SettledAsync(receivers);
        return End() with { Confirm = _confirm.Report(), EndToEnd = _endToEnd.Report(), Duplicates = _receiving.Duplicates };
    }

    private async Task<LoadReport> FailoverAsync()
    {
        var leader = await _system.LeaderAsync();
        await using var senders = await OpenSendersAsync();
        await using var receivers = await OpenReceiversAsync();
        Begin();
        var kill = KillAsync(leader, TimeSpan.FromSeconds(_options.Count / 3.0 / _options.Rate));
        await WhileThereIsProgressAsync(_sending.KeepRateAsync(senders), () => _sending.Confirmed);
        await kill;
        await WhileThereIsProgressAsync(_receiving.Complete, () => _receiving.Distinct);
        return End() with
        {
            Confirm = _confirm.Report(),
            EndToEnd = _endToEnd.Report(),
            ConfirmGapMs = _sending.LongestGapMs,
            DeliveryGapMs = _receiving.LongestGapMs,
            Lost = Math.Max(0, _sending.Confirmed - _receiving.Distinct),
            Unconfirmed = _options.Count - _sending.Confirmed,
            Duplicates = _receiving.Duplicates,
        };
    }

    private async Task<LoadReport> BacklogAsync()
    {
        await using var senders = await OpenSendersAsync();
        Begin();
        var flood = _sending.FloodAsync(senders);
        var tenth = _options.Count / 10;
        var first = await TimeUntilAsync(tenth, flood);
        await TimeUntilAsync(_options.Count - tenth, flood);
        var last = Stopwatch.StartNew();
        await flood;
        return End() with { Confirm = _confirm.Report(), EndAgainstStart = first / last.Elapsed };
    }

    private async Task<TimeSpan> TimeUntilAsync(int confirmed, Task flood)
    {
        var watch = Stopwatch.StartNew();
        while (_sending.Confirmed < confirmed && !flood.IsCompleted)
            await Task.Delay(2);
        return watch.Elapsed;
    }

    private async Task KillAsync(int node, TimeSpan after)
    {
        await Task.Delay(after);
        _system.Nodes.Kill(node);
    }

    // What was lost with the leader does not come, and what was not confirmed may never be.
    private static async Task WhileThereIsProgressAsync(Task end, Func<int> done)
    {
        for (var (before, since) = (-1, Stopwatch.StartNew()); since.Elapsed < NoProgressLimit && !end.IsCompleted;)
        {
            if (done() > before)
                (before, since) = (done(), Stopwatch.StartNew());
            await Task.Delay(50);
        }

        if (end.IsFaulted)
            await end;
    }

    private async Task<Together<ISender>> OpenSendersAsync()
    {
        var senders = new Together<ISender>();
        for (var client = 0; client < _options.Producers; client++)
            senders.Add(await _system.OpenSenderAsync(client, client % _options.Queues));
        return senders;
    }

    private async Task<Together<IReceiver>> OpenReceiversAsync()
    {
        var receivers = new Together<IReceiver>();
        for (var client = 0; client < _options.Consumers * _options.Queues; client++)
            receivers.Add(await _system.OpenReceiverAsync(client, client % _options.Queues, _options.Prefetch, _receiving.OnMessage));
        return receivers;
    }

    private void Begin() => _cost = Cost.Begin(_system);

    private LoadReport End() => _cost.End(_system, _options);
}
