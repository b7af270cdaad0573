using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>RabbitMQ with quorum queues of three members, publisher confirms and manual acknowledgements; a connection for each client, spread over the nodes.</summary>
public sealed class RabbitMqSystem : IQueueSystem
{
    private static readonly TimeSpan Reconnect = TimeSpan.FromMilliseconds(500);
    private const int DeclareAttempts = 20;
    private static readonly TimeSpan DeclarePause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, object?> Quorum = new()
    {
        ["x-queue-type"] = "quorum",
        ["x-quorum-initial-group-size"] = 3,
    };

    private readonly RabbitMqCluster _cluster;
    private readonly List<string> _queues = [];

    private RabbitMqSystem(RabbitMqCluster cluster) => _cluster = cluster;

    /// <inheritdoc />
    public string Name => "rabbitmq";

    /// <inheritdoc />
    public NodeProcesses Nodes => _cluster.Nodes;

    /// <summary>Starts a cluster.</summary>
    public static async Task<RabbitMqSystem> StartAsync(CancellationToken cancellation) => new(await RabbitMqCluster.StartAsync(cancellation));

    /// <inheritdoc />
    public async Task DeclareAsync(int queues)
    {
        foreach (var queue in _queues)
            await OnChannelAsync(channel => channel.QueueDeleteAsync(queue));
        _queues.Clear();
        for (var number = 0; number < queues; number++)
        {
            var queue = $"bench-{number}";
            await OnChannelAsync(channel => channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, Quorum));
            _queues.Add(queue);
        }
    }

    /// <inheritdoc />
    public async Task<ISender> OpenSenderAsync(int client, int queue)
    {
        var connection = await ConnectAsync(client);
        // The client library's own limit of unconfirmed messages is lifted: the workload has its window.
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true,
            publisherConfirmationTrackingEnabled: true,
            outstandingPublisherConfirmationsRateLimiter: null));
        return new Sender(connection, channel, _queues[queue]);
    }

    /// <inheritdoc />
    public async Task<IReceiver> OpenReceiverAsync(int client, int queue, int prefetch, MessageHandler onMessage)
    {
        var connection = await ConnectAsync(client);
        var channel = await connection.CreateChannelAsync();
        await channel.BasicQosAsync(0, (ushort)prefetch, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            onMessage(delivery.Body.Span);
            try
            {
                await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            }
            catch (AlreadyClosedException)
            {
                // Its node died; the message comes again on the next connection.
            }
        };
        await channel.BasicConsumeAsync(_queues[queue], autoAck: false, consumer);
        return new Receiver(connection, channel);
    }

    /// <inheritdoc />
    public async Task<long> DepthAsync()
    {
        await using var connection = await ConnectAsync(0);
        await using var channel = await connection.CreateChannelAsync();
        long depth = 0;
        foreach (var queue in _queues)
            depth += await channel.MessageCountAsync(queue);
        return depth;
    }

    /// <inheritdoc />
    public Task<int> LeaderAsync() => _cluster.LeaderOfAsync(_queues[0]);

    /// <inheritdoc />
    public IReadOnlyList<long> JournalWrites() => [];

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    // Right after the cluster was formed or a queue was deleted, a declare can fail by an internal error that closes the connection; the
    // next one succeeds.
    private async Task OnChannelAsync(Func<IChannel, Task> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await ConnectAsync(0);
                await using var channel = await connection.CreateChannelAsync();
                await work(channel);
                return;
            }
            catch (OperationInterruptedException) when (attempt < DeclareAttempts)
            {
                await Task.Delay(DeclarePause);
            }
        }
    }

    private Task<IConnection> ConnectAsync(int client) => new ConnectionFactory
    {
        NetworkRecoveryInterval = Reconnect,
        EndpointResolverFactory = _ => new NearestFirst(_cluster.Ports, client),
    }.CreateConnectionAsync();

    private sealed class NearestFirst(IReadOnlyList<int> ports, int client) : IEndpointResolver
    {
        public IEnumerable<AmqpTcpEndpoint> All() =>
            Enumerable.Range(client, ports.Count).Select(node => new AmqpTcpEndpoint("127.0.0.1", ports[node % ports.Count]));
    }

    private sealed class Sender(IConnection connection, IChannel channel, string queue) : ISender
    {
        private static readonly BasicProperties Persistent = new() { Persistent = true };

        // The library does not send again what was lost with a connection, so an application has to.
        public async Task SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
        {
            while (true)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                limit.CancelAfter(AttemptLimit);
                try
                {
                    await channel.BasicPublishAsync("", queue, mandatory: false, Persistent, body, limit.Token);
                    return;
                }
                catch (Exception failure) when (!cancellation.IsCancellationRequested && IsOfTheConnection(failure))
                {
                    await Task.Delay(RetryPause, cancellation);
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await channel.DisposeAsync();
            await connection.DisposeAsync();
        }

        private static bool IsOfTheConnection(Exception failure) =>
            failure is RabbitMQClientException or OperationCanceledException or IOException or ObjectDisposedException;
    }

    private sealed class Receiver(IConnection connection, IChannel channel) : IReceiver
    {
        // The protocol does not confirm acknowledgements: they are sent, and no more is known.
        public Task SettledAsync() => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await channel.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
