using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>A queue that specs send texts to and receive them from.</summary>
public abstract class QueueSpecs(SharedCluster shared)
{
    /// <summary>Long enough for anything that comes at all.</summary>
    protected static readonly TimeSpan Wait = TimeSpan.FromSeconds(20);

    protected RaftQueueClient Client => shared.Client;

    private protected TestCluster Cluster => shared.Cluster;

    protected async Task<string> DeclareAsync(QueueOptions? options = null, string prefix = "q")
    {
        var queue = $"{prefix}-{Guid.NewGuid():N}";
        await Client.DeclareQueueAsync(queue, options);
        return queue;
    }

    /// <summary>Declares a queue that holds these texts.</summary>
    protected async Task<string> DeclareWithAsync(QueueOptions? options, params string[] texts)
    {
        var queue = await DeclareAsync(options);
        await SendAsync(queue, texts);
        return queue;
    }

    protected async Task SendAsync(string queue, params string[] texts)
    {
        await using var producer = Client.CreateProducer<string>(queue);
        await producer.SendBatchAsync(texts);
    }

    /// <summary>The next message; there must be one.</summary>
    protected async Task<ReceivedMessage<string>> ReceiveOneAsync(string queue, TimeSpan? lease = null) =>
        Assert.Single(await Client.ReceiveAsync<string>(queue, 1, Wait, lease));

    protected async Task<IEnumerable<string>> StoredAsync(string queue) => (await QueueContents.ReadAsync(Client, queue)).Values;

    protected Task BecomesAsync(string queue, string claim, Func<QueueStats, bool> holds) =>
        Eventually.HoldsAsync(claim, async () => holds(await Client.GetQueueStatsAsync(queue)));

    /// <summary>Takes so many messages from a consumer, without settling them.</summary>
    protected static async Task<IReadOnlyList<ReceivedMessage<string>>> TakeAsync(Consumer<string> consumer, int count)
    {
        using var deadline = new CancellationTokenSource(Wait);
        var taken = new List<ReceivedMessage<string>>();
        await foreach (var message in consumer.ReadAllAsync(deadline.Token))
        {
            taken.Add(message);
            if (taken.Count == count)
                break;
        }

        return taken;
    }
}
