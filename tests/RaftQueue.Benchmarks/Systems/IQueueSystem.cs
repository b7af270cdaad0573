namespace RaftQueue.Benchmarks.Systems;

/// <summary>A queue product under load: its clients, and, where this program started them, its server processes.</summary>
public interface IQueueSystem : IAsyncDisposable
{
    /// <summary>The product.</summary>
    string Name { get; }

    /// <summary>The server processes; none where the servers were started by somebody else.</summary>
    NodeProcesses Nodes { get; }

    /// <summary>Deletes the queues of an earlier run and makes that many new ones, empty, durable and on three replicas.</summary>
    Task DeclareAsync(int queues);

    /// <summary>A sender to one of the queues.</summary>
    /// <param name="client">Its number; clients spread over the nodes where the product lets them.</param>
    /// <param name="queue">The number of the queue.</param>
    Task<ISender> OpenSenderAsync(int client, int queue);

    /// <summary>A receiver from one of the queues, which acknowledges each message by itself once the handler has returned.</summary>
    Task<IReceiver> OpenReceiverAsync(int client, int queue, int prefetch, MessageHandler onMessage);

    /// <summary>Messages that the servers still hold.</summary>
    Task<long> DepthAsync();

    /// <summary>The node that leads the first queue, as a place in <see cref="Nodes"/>.</summary>
    Task<int> LeaderAsync();

    /// <summary>How often each node has written its journal so far, each write with one sync; empty where it cannot be told.</summary>
    IReadOnlyList<long> JournalWrites();
}

/// <summary>Handles a message as it arrives.</summary>
public delegate void MessageHandler(ReadOnlySpan<byte> body);

/// <summary>Sends to one queue.</summary>
public interface ISender : IAsyncDisposable
{
    /// <summary>Completes when the cluster has confirmed the message; may be called again before that. The body must not change until then.</summary>
    Task SendAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation = default);
}

/// <summary>Receives from one queue until it is disposed.</summary>
public interface IReceiver : IAsyncDisposable
{
    /// <summary>Completes when every acknowledgement so far is as safe as the product makes it: committed, or at least sent.</summary>
    Task SettledAsync();
}
