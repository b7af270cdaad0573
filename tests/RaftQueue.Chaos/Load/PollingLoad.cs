using RaftQueue.Chaos.History;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;

namespace RaftQueue.Chaos.Load;

/// <summary>
/// A client that pulls one batch after the other, cancels every second pull after a while that is too short or just long enough, and
/// acknowledges
/// whatever it is handed at once. Its request timeout is short, so that it times out when its process stands still.
/// </summary>
public sealed class PollingLoad(HistoryRecorder recorder, string queue, int seed)
{
    /// <summary>How long its requests may take.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Longer than any pause of its process.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);
    private readonly Random _random = new(seed);
    private readonly HashSet<Task> _settling = [];
    private int _pulls;

    /// <summary>Pulls until it is told to stop, and ends what it has begun.</summary>
    public async Task RunAsync(RaftQueueClient client, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await PullAsync(client);
            }
            catch (OperationCanceledException)
            {
                // it was cancelled, as half of them are
            }
            catch (RaftQueueException)
            {
                await Task.Delay(50, CancellationToken.None); // the cluster was away for longer than the client's patience
            }
        }

        await Task.WhenAll(_settling);
    }

    private async Task PullAsync(RaftQueueClient client)
    {
        using var cancellation = new CancellationTokenSource();
        if (_random.Next(2) == 0)
            cancellation.CancelAfter(_random.Next(60));
        var name = $"polling.{++_pulls}";
        foreach (var message in await client.ReceiveAsync<string>(queue, 5, Wait, Lease, cancellation.Token))
        {
            recorder.Record(at => new Delivered(
                at,
                name,
                queue,
                message.Sequence,
                message.FencingToken,
                Payload.IdOf(message.Payload),
                message.DeliveryCount,
                message.LeaseUntil.ToUnixTimeMilliseconds(),
                Lease.TotalMilliseconds));
            _settling.RemoveWhere(settlement => settlement.IsCompleted);
            _settling.Add(AcknowledgeAsync(name, message));
        }
    }

    private Task AcknowledgeAsync(string name, ReceivedMessage<string> message) => RecordedOperation.RunAsync(
        recorder,
        (at, op) => new Invoked(at, op, name, OperationKind.Ack, queue, Sequence: message.Sequence, Token: message.FencingToken),
        async () =>
        {
            await message.AckAsync();
            return null;
        });
}
