using System.Globalization;
using RaftQueue.Chaos.History;
using RaftQueue.Client;
using RaftQueue.Client.Producing;

namespace RaftQueue.Chaos.Load;

/// <summary>A producer that sends at an even pace, whatever becomes of what it has sent; some of it in batches.</summary>
/// <param name="Name">Its name in the history.</param>
/// <param name="Queue">Where to.</param>
/// <param name="PerSecond">Messages a second.</param>
/// <param name="BatchShare">How many of a hundred sends are batches.</param>
/// <param name="SendTimeout">How long a send waits for its confirmation.</param>
public sealed record ProducerPlan(string Name, string Queue, double PerSecond, int BatchShare, TimeSpan SendTimeout);

/// <inheritdoc cref="ProducerPlan"/>
public sealed class ProducerLoad(RaftQueueClient client, HistoryRecorder recorder, ProducerPlan plan, int seed)
{
    // Beyond this a producer waits, as an application would; without it an outage would be followed by a flood.
    private const int MaxOutstanding = 2_000;

    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(10);
    private readonly Random _random = new(seed);
    private readonly HashSet<Task> _outstanding = [];
    private int _lastId;

    /// <summary>Sends until it is told to stop, and then waits for what is on its way.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var producer = client.CreateProducer<string>(plan.Queue, new ProducerOptions { SendTimeout = plan.SendTimeout });
        var due = recorder.Now;
        using var clock = new PeriodicTimer(Beat);
        while (!stop.IsCancellationRequested)
        {
            _outstanding.RemoveWhere(send => send.IsCompleted);
            for (; due <= recorder.Now; due += Send(producer) * 1000 / plan.PerSecond)
            {
                if (_outstanding.Count >= MaxOutstanding)
                    due = Math.Max(due, recorder.Now);
                if (_outstanding.Count >= MaxOutstanding)
                    break;
            }

            await clock.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(_outstanding);
    }

    private int Send(Producer<string> producer)
    {
        var count = _random.Next(100) < plan.BatchShare ? _random.Next(2, 20) : 1;
        string[] ids = [.. Enumerable.Range(0, count).Select(_ => string.Create(CultureInfo.InvariantCulture, $"{plan.Name}-{++_lastId:00000000}"))];
        string[] payloads = [.. ids.Select(id => Payload.Make(id, _random))];
        var kind = count == 1 ? OperationKind.Send : OperationKind.Batch;
        _outstanding.Add(RecordedOperation.RunAsync(recorder, (at, op) => new Invoked(at, op, plan.Name, kind, plan.Queue, ids), () => SendAsync(producer, payloads)));
        return count;
    }

    private static async Task<long[]?> SendAsync(Producer<string> producer, string[] payloads) => payloads.Length == 1
        ? [(await producer.SendAsync(payloads[0])).Sequence]
        : [.. (await producer.SendBatchAsync(payloads)).Select(receipt => receipt.Sequence)];
}
