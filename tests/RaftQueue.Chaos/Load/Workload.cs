using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.History;
using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Chaos.Load;

/// <summary>Producers and consumers of all kinds on a few queues, through several clients.</summary>
public sealed class Workload : IAsyncDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProcessPatience = TimeSpan.FromSeconds(30);
    private static readonly string[] Queues = ["orders", "jobs", "events", Polled];

    /// <summary>The queue whose pulls are cancelled.</summary>
    public const string Polled = "polled";

    private const string PolledDeadLetters = "polled-dead-letters";

    private readonly HistoryRecorder _recorder;
    private readonly List<RaftQueueClient> _clients = [];
    private readonly List<ConsumerLoad> _consumers = [];
    private readonly List<Task> _producing = [];
    private readonly List<Task> _consuming = [];
    private readonly CancellationTokenSource _stopProducing = new();
    private readonly CancellationTokenSource _stopConsuming = new();
    private ClientProcess? _process;

    private Workload(HistoryRecorder recorder) => _recorder = recorder;

    /// <summary>Declares the queues and starts all clients.</summary>
    /// <param name="cluster">Where.</param>
    /// <param name="recorder">Takes down everything.</param>
    /// <param name="perSecond">Messages a second over all producers.</param>
    /// <param name="seed">Decides what is left to chance.</param>
    /// <param name="cancellation">Stops starting.</param>
    public static async Task<Workload> StartAsync(ServerCluster cluster, HistoryRecorder recorder, double perSecond, int seed, CancellationToken cancellation)
    {
        var workload = new Workload(recorder);
        for (var i = 0; i < 4; i++)
            workload._clients.Add(await cluster.ConnectAsync(cancellation: cancellation));
        foreach (var queue in Queues)
            await workload._clients[0].DeclareQueueAsync(queue, OptionsOf(queue), cancellation);

        workload.Produce(0, new ProducerPlan("p1", "orders", perSecond * 0.3, 0, SendTimeout), seed + 1);
        workload.Produce(1, new ProducerPlan("p2", "orders", perSecond * 0.2, 10, SendTimeout), seed + 2);
        workload.Produce(0, new ProducerPlan("p3", "jobs", perSecond * 0.25, 20, SendTimeout), seed + 3);
        workload.Produce(1, new ProducerPlan("p4", "events", perSecond * 0.25, 0, SendTimeout), seed + 4);
        workload.Consume(2, new ConsumerPlan("c1", "orders", Lease, IsPull: false, 6), seed + 5);
        workload.Consume(3, new ConsumerPlan("c2", "orders", Lease, IsPull: false, 6), seed + 6);
        workload.Consume(2, new ConsumerPlan("c3", "jobs", Lease, IsPull: true, 6), seed + 7);
        workload.Consume(3, new ConsumerPlan("c4", "events", Lease, IsPull: false, 0), seed + 8);
        workload.Consume(2, new ConsumerPlan("c5", "events", Lease, IsPull: false, 0, Prefetch: 8, HeldLong: 2), seed + 9);
        workload.Produce(0, new ProducerPlan("p5", Polled, perSecond * 0.1, 0, SendTimeout), seed + 10);
        workload._process = ClientProcess.Start(cluster, recorder, seed + 11, Polled);
        return workload;
    }

    /// <summary>Ends producing, lets the consumers empty the queues, ends them too, and records what is left.</summary>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancellation)
    {
        await _stopProducing.CancelAsync();
        await Task.WhenAll(_producing).WaitAsync(cancellation);
        _consumers.ForEach(consumer => consumer.BeCareful());
        var deadline = DateTime.UtcNow + patience;
        while (await CountLeftAsync(cancellation) > 0 && DateTime.UtcNow < deadline)
            await Task.Delay(250, cancellation);
        await _stopConsuming.CancelAsync();
        await Task.WhenAll(_consuming).WaitAsync(cancellation);
        await _process!.StopAsync(ProcessPatience);
        await RecordLeftAsync(cancellation);
        await RecordDeadLettersAsync(cancellation);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stopProducing.CancelAsync();
        await _stopConsuming.CancelAsync();
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        await Task.WhenAll(_producing.Concat(_consuming)).WaitAsync(TimeSpan.FromSeconds(30)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopProducing.Dispose();
        _stopConsuming.Dispose();
    }

    // A delivery too many shows at once: the message is dead-lettered.
    private static QueueOptions OptionsOf(string queue) => queue == Polled
        ? new QueueOptions { Lease = PollingLoad.Lease, DeliveryLimit = 1, DeadLetterQueue = new QueueName(PolledDeadLetters) }
        : new QueueOptions { Lease = Lease };

    private void Produce(int client, ProducerPlan plan, int seed) => _producing.Add(new ProducerLoad(_clients[client], _recorder, plan, seed).RunAsync(_stopProducing.Token));

    private void Consume(int client, ConsumerPlan plan, int seed)
    {
        var consumer = new ConsumerLoad(_clients[client], _recorder, plan, seed);
        _consumers.Add(consumer);
        _consuming.Add(consumer.RunAsync(_stopConsuming.Token));
    }

    private async Task<long> CountLeftAsync(CancellationToken cancellation)
    {
        var stats = await Task.WhenAll(Queues.Select(queue => _clients[0].GetQueueStatsAsync(queue, cancellation)));
        return stats.Sum(Left);
    }

    private async Task RecordLeftAsync(CancellationToken cancellation)
    {
        foreach (var queue in Queues)
        {
            var stats = await _clients[0].GetQueueStatsAsync(queue, cancellation);
            var ids = Left(stats) == 0 ? [] : (await _clients[0].PeekAsync<string>(queue, stats.FirstSequence, 256, cancellation)).Select(message => Payload.IdOf(message.Payload));
            _recorder.Record(at => new QueueAtEnd(at, queue, Left(stats), [.. ids]));
        }
    }

    private async Task RecordDeadLettersAsync(CancellationToken cancellation)
    {
        var ids = new List<string>();
        try
        {
            for (long from = 1; await _clients[0].PeekAsync<string>(PolledDeadLetters, from, 256, cancellation) is { Count: > 0 } letters; from = letters[^1].Sequence + 1)
                ids.AddRange(letters.Select(letter => Payload.IdOf(letter.Payload)));
        }
        catch (QueueNotFoundException)
        {
            // nothing was dead-lettered
        }

        _recorder.Record(at => new DeadLettersAtEnd(at, Polled, [.. ids]));
    }

    private static long Left(QueueStats stats) => stats.Ready + stats.Leased + stats.Delayed;
}
