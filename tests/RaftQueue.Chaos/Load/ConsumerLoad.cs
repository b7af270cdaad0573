using RaftQueue.Chaos.History;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;

namespace RaftQueue.Chaos.Load;

/// <summary>How a consumer takes its messages.</summary>
/// <param name="Name">Its name in the history.</param>
/// <param name="Queue">Where from.</param>
/// <param name="Lease">How long it leases.</param>
/// <param name="IsPull">By single pulls instead of a stream.</param>
/// <param name="Carelessness">Of a hundred messages, how many are given back or forgotten until their lease ends.</param>
/// <param name="Prefetch">The most that a stream holds.</param>
/// <param name="HeldLong">
/// How many messages at a time are held for so long that the others which are settled meanwhile are many times <paramref name="Prefetch"/>;
/// their leases are extended.
/// </param>
public sealed record ConsumerPlan(
    string Name, string Queue, TimeSpan Lease, bool IsPull, int Carelessness, int Prefetch = 64, int HeldLong = 0);

/// <summary>A consumer that acknowledges most messages, gives some back, is slow with some and forgets a few, until it is told to be careful.</summary>
public sealed class ConsumerLoad(RaftQueueClient client, HistoryRecorder recorder, ConsumerPlan plan, int seed)
{
    private static readonly TimeSpan PauseAfterTrouble = TimeSpan.FromMilliseconds(300);
    private readonly Random _random = new(seed);
    private readonly HashSet<Task> _settling = [];
    private readonly CancellationTokenSource _isCareful = new();
    private int _lives;
    private int _heldLong;

    /// <summary>From now on everything is acknowledged, also what was to be held for long.</summary>
    public void BeCareful() => _isCareful.Cancel();

    /// <summary>Consumes until it is told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await (plan.IsPull ? PullAsync(stop) : StreamAsync(stop));
            }
            catch (RaftQueueException)
            {
                // The cluster was away for longer than the client's patience; an application would try again, and so do we.
                await Task.Delay(PauseAfterTrouble, CancellationToken.None);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
        }

        await Task.WhenAll(_settling);
    }

    private async Task StreamAsync(CancellationToken stop)
    {
        var name = $"{plan.Name}.{++_lives}";
        var options = new ConsumerOptions { Prefetch = plan.Prefetch, Lease = plan.Lease, AutoExtend = plan.HeldLong > 0 };
        await using var consumer = client.CreateConsumer<string>(plan.Queue, options);
        await foreach (var message in consumer.ReadAllAsync(stop))
            await HandleAsync(name, message);
    }

    private async Task PullAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var messages = await client.ReceiveAsync<string>(plan.Queue, 20, TimeSpan.FromSeconds(1), plan.Lease, stop);
            var name = $"{plan.Name}.{++_lives}";
            foreach (var message in messages)
                await HandleAsync(name, message);
        }
    }

    private async Task HandleAsync(string consumer, ReceivedMessage<string> message)
    {
        var id = Payload.IdOf(message.Payload);
        var leaseMs = plan.Lease.TotalMilliseconds;
        recorder.Record(at => new Delivered(
            at, consumer, plan.Queue, message.Sequence, message.FencingToken, id, message.DeliveryCount, message.LeaseUntil.ToUnixTimeMilliseconds(), leaseMs));
        var lot = _isCareful.IsCancellationRequested ? 100 : _random.Next(100);
        if (lot < plan.Carelessness / 2)
            return; // forgotten: it comes again when its lease has ended
        _settling.RemoveWhere(settlement => settlement.IsCompleted);
        if (_settling.Count >= 512)
            await Task.WhenAny(_settling);
        _settling.Add(
            _heldLong < plan.HeldLong && lot < 100 ? HoldLongAsync(consumer, message, TimeSpan.FromSeconds(10 + _random.Next(20)))
            : SettleAsync(
                consumer,
                message,
                lot < plan.Carelessness ? OperationKind.Release : OperationKind.Ack,
                lot is >= 90 and < 92 ? TimeSpan.FromMilliseconds(_random.Next(500)) : TimeSpan.Zero));
    }

    private async Task HoldLongAsync(string consumer, ReceivedMessage<string> message, TimeSpan work)
    {
        Interlocked.Increment(ref _heldLong);
        await SettleAsync(consumer, message, OperationKind.Ack, work);
        Interlocked.Decrement(ref _heldLong);
    }

    private async Task SettleAsync(string consumer, ReceivedMessage<string> message, OperationKind kind, TimeSpan work)
    {
        if (work > TimeSpan.Zero)
            await Task.Delay(work, _isCareful.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RecordedOperation.RunAsync(
            recorder,
            (at, op) => new Invoked(at, op, consumer, kind, plan.Queue, Sequence: message.Sequence, Token: message.FencingToken),
            async () =>
            {
                await (kind == OperationKind.Ack ? message.AckAsync() : message.ReleaseAsync());
                return null;
            });
    }
}
