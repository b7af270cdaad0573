using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>RaftQueue, used as its documentation says: one client for the whole program, everything at its default.</summary>
public sealed class RaftQueueSystem : IQueueSystem
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    // Until the servers listen there is a warning for every try, and standard output is for results.
    private static readonly Config Silence = ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }");

    private readonly RaftQueueCluster? _cluster;
    private readonly RaftQueueClient _client;
    private readonly List<string> _queues = [];

    private RaftQueueSystem(RaftQueueCluster? cluster, RaftQueueClient client) => (_cluster, _client) = (cluster, client);

    /// <inheritdoc />
    public string Name => "raftqueue";

    /// <inheritdoc />
    public NodeProcesses Nodes => _cluster?.Nodes ?? NodeProcesses.None;

    /// <summary>Starts a cluster and connects to it.</summary>
    /// <exception cref="InvalidOperationException">A server does not run.</exception>
    public static async Task<RaftQueueSystem> StartAsync(ClusterOptions options, CancellationToken cancellation = default)
    {
        var cluster = RaftQueueCluster.Start(options);
        try
        {
            return new RaftQueueSystem(cluster, await cluster.WhileUpAsync(token => ConnectAsync(cluster.Addresses, token), cancellation));
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Connects to servers that run already.</summary>
    public static async Task<RaftQueueSystem> ConnectToAsync(string node, CancellationToken cancellation) => new(null, await ConnectAsync([node], cancellation));

    /// <inheritdoc />
    public async Task DeclareAsync(int queues)
    {
        foreach (var queue in _queues)
            await _client.DeleteQueueAsync(queue);
        _queues.Clear();
        for (var number = 0; number < queues; number++)
        {
            _queues.Add($"bench-{Guid.NewGuid():N}");
            await _client.DeclareQueueAsync(_queues[number]);
        }
    }

    /// <inheritdoc />
    public Task<ISender> OpenSenderAsync(int client, int queue) =>
        Task.FromResult<ISender>(new Sender(_client.CreateProducer<ReadOnlyMemory<byte>>(_queues[queue])));

    /// <inheritdoc />
    public Task<IReceiver> OpenReceiverAsync(int client, int queue, int prefetch, MessageHandler onMessage) => Task.FromResult<IReceiver>(
        new Receiver(_client.CreateConsumer<ReadOnlyMemory<byte>>(_queues[queue], new ConsumerOptions { Prefetch = prefetch }), onMessage));

    /// <inheritdoc />
    public async Task<long> DepthAsync()
    {
        long depth = 0;
        foreach (var queue in _queues)
        {
            var stats = await _client.GetQueueStatsAsync(queue);
            depth += stats.Ready + stats.Leased;
        }

        return depth;
    }

    /// <inheritdoc />
    public async Task<int> LeaderAsync()
    {
        for (var node = 0; node < Nodes.Count; node++)
        {
            ReplicaStatus status = await _client.Admin.GetStatusAsync(RaftQueueCluster.NameOf(node));
            if (status.Leader is { } leader)
                return RaftQueueCluster.NumberOf(leader.Value);
        }

        throw new InvalidOperationException("No node knows a leader.");
    }

    /// <inheritdoc />
    public IReadOnlyList<long> JournalWrites() => _cluster?.JournalWrites() ?? [];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }

    private static Task<RaftQueueClient> ConnectAsync(IEnumerable<string> nodes, CancellationToken cancellation)
    {
        var options = new RaftQueueClientOptions { ConnectTimeout = StartLimit, WaitForNodes = true, SystemConfig = Silence };
        foreach (var node in nodes)
            options.Nodes.Add(node);
        return RaftQueueClient.ConnectAsync(options, cancellation);
    }

    private sealed class Sender(Producer<ReadOnlyMemory<byte>> producer) : ISender
    {
        public Task SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation) => producer.SendAsync(body, cancellation);

        public ValueTask DisposeAsync() => producer.DisposeAsync();
    }

    private sealed class Receiver : IReceiver
    {
        private readonly Consumer<ReadOnlyMemory<byte>> _consumer;
        private readonly MessageHandler _onMessage;
        private readonly Task _loop;
        private long _unsettled;

        public Receiver(Consumer<ReadOnlyMemory<byte>> consumer, MessageHandler onMessage)
        {
            (_consumer, _onMessage) = (consumer, onMessage);
            _loop = Task.Run(ReceiveAsync);
        }

        public async Task SettledAsync()
        {
            while (Interlocked.Read(ref _unsettled) > 0)
                await Task.Delay(1);
        }

        public async ValueTask DisposeAsync()
        {
            await _consumer.DisposeAsync();
            await _loop;
        }

        private async Task ReceiveAsync()
        {
            await foreach (var message in _consumer)
            {
                _onMessage(message.Payload.Span);
                _ = AckAsync(message);
            }
        }

        private async Task AckAsync(ReceivedMessage<ReadOnlyMemory<byte>> message)
        {
            Interlocked.Increment(ref _unsettled);
            try
            {
                await message.AckAsync();
            }
            catch (RaftQueueException)
            {
                // The lease ended, as when its leader was killed: the message comes again and is counted as a duplicate.
            }
            finally
            {
                Interlocked.Decrement(ref _unsettled);
            }
        }
    }
}
