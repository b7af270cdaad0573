using RaftQueue.Client;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Three nodes and a client, for specs that need no faults. Each spec has queues of its own.</summary>
public sealed class SharedCluster : IAsyncLifetime
{
    public const string Name = "shared cluster";

    private TestCluster? _cluster;
    private RaftQueueClient? _client;

    public RaftQueueClient Client => _client!;

    internal TestCluster Cluster => _cluster!;

    public async Task InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(3);
        _client = await _cluster.ConnectAsync(options => options.RegisterType<Order>("order"));
    }

    public async Task DisposeAsync() => await _cluster!.DisposeAsync();
}

/// <summary>What registered payloads look like.</summary>
public sealed record Order(int Number, string Customer);

[CollectionDefinition(SharedCluster.Name)]
public sealed class SharedClusterCollection : ICollectionFixture<SharedCluster>;
