using RaftQueue.Chaos.Cluster;
using RaftQueue.MultiNode.Tests.Chaos;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>
/// Three servers that the tests of a class use in turn, because starting them takes longer than most of what is done to them. A test that leaves them sound says so
/// (<see cref="IsSound"/>); after one that failed, the next gets new ones.
/// </summary>
public sealed class SharedCluster : IAsyncLifetime
{
    /// <summary>After how many entries the next snapshot is due.</summary>
    public const int SnapshotEntries = 40;

    // Snapshots soon and a short log, so that there is some of everything.
    private static readonly ClusterPlan Plan = new(3, Hocon: $$"""
        raftqueue { queue.snapshot-entries = {{SnapshotEntries}}, raft { kept-log = 1 KiB, journal-checkpoint = 0 } }
        """);

    private ServerCluster? _cluster;

    /// <summary>Whether the test that had the cluster has brought all of it back.</summary>
    public bool IsSound { get; set; }

    /// <summary>A sound cluster, to do anything to.</summary>
    public async Task<ServerCluster> TakeAsync()
    {
        if (!IsSound)
            await DisposeAsync();
        IsSound = false;
        return _cluster ??= await ServerCluster.StartAsync(Plan, RealServers.Here, CancellationToken.None);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        _cluster = null;
    }
}
