using System.Collections.Concurrent;
using RaftQueue.Client;
using RaftQueue.Client.Producing;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>Messages that are sent all the time, each with a text of its own; and what became of them.</summary>
internal sealed class Load : IAsyncDisposable
{
    private const int Senders = 8;

    private readonly ConcurrentDictionary<string, long> _confirmed = [];
    private readonly ConcurrentQueue<Exception> _failures = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly RaftQueueClient _client;
    private readonly Producer<string> _producer;
    private readonly Task _sending;

    private Load(RaftQueueClient client, string queue)
    {
        (_client, _producer) = (client, client.CreateProducer<string>(queue));
        _sending = Task.WhenAll(Enumerable.Range(1, Senders).Select(sender => Task.Run(() => SendAsync(sender))));
    }

    /// <summary>The texts that are confirmed by now, by their sequences.</summary>
    public IReadOnlyDictionary<long, string> Confirmed => _confirmed.ToDictionary(confirmed => confirmed.Value, confirmed => confirmed.Key);

    /// <summary>The sends that failed.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>Declares the queue and starts to send.</summary>
    public static async Task<Load> StartAsync(RaftQueueClient client, string queue = "load")
    {
        await client.DeclareQueueAsync(queue);
        var load = new Load(client, queue);
        await load.GoOnAsync();
        return load;
    }

    /// <summary>Waits until so many more messages are confirmed.</summary>
    public async Task GoOnAsync(int messages = 100)
    {
        var goal = _confirmed.Count + messages;
        await Eventually.HoldsAsync($"{messages} more messages are confirmed", () => Task.FromResult(_confirmed.Count >= goal));
    }

    /// <summary>Stops sending, waits for what is on its way, and checks the whole queue: nothing confirmed is lost, nothing is stored twice.</summary>
    /// <returns>How many messages were confirmed.</returns>
    public async Task<int> VerifyAsync()
    {
        await StopAsync();
        var stored = await QueueContents.ReadAsync(_client, _producer.Queue);
        Assert.Equal(stored.Count, stored.Values.Distinct().Count());
        Assert.All(_confirmed, confirmed => Assert.Equal(confirmed.Key, stored.GetValueOrDefault(confirmed.Value)));
        Assert.NotEmpty(_confirmed);
        return _confirmed.Count;
    }

    /// <summary>Stops sending, and waits for what is on its way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
        await _producer.DisposeAsync();
    }

    private async Task SendAsync(int sender)
    {
        for (var i = 1; !_stop.IsCancellationRequested; i++)
        {
            try
            {
                var receipt = await _producer.SendAsync($"{sender}-{i}");
                _confirmed[$"{sender}-{i}"] = receipt.Sequence;
            }
            catch (RaftQueueException failure)
            {
                _failures.Enqueue(failure);
            }
        }
    }
}
