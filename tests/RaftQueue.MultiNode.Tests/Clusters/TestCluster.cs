using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.Contracts.Client;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>
/// Several real nodes in this process, over real remoting on loopback, each with an actor system, a SQLite journal and a folder of its own.
/// </summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private const int RoomForMore = 2;

    private readonly ClusterOptions _options;
    private readonly IReadOnlyList<int> _ports;
    private readonly string _folder = Directory.CreateTempSubdirectory("raftqueue-cluster-").FullName;
    private readonly IReadOnlyList<string> _members;
    private readonly List<TestNode> _nodes = [];
    private readonly List<IAsyncDisposable> _clients = [];

    private TestCluster(int members, ClusterOptions options)
    {
        _options = options;
        _ports = Loopback.FreePorts(members + RoomForMore);
        _members = [.. Enumerable.Range(1, members).Select(i => $"n{i}")];
        foreach (var member in _members)
            Add(member, _members);
        Links = new Links(_nodes);
    }

    /// <summary>All its nodes, in the order of their names; the first is also the first seed of the Akka cluster.</summary>
    public IReadOnlyList<TestNode> Nodes => _nodes;

    /// <summary>The links between its nodes, where <see cref="ClusterOptions.CanCutLinks"/>.</summary>
    public Links Links { get; }

    private IEnumerable<TestNode> Running => _nodes.Where(node => node.IsRunning);

    /// <summary>The node of this name.</summary>
    public TestNode this[string name] => _nodes.Single(node => node.Name == name);

    /// <summary>A cluster of which nothing runs yet.</summary>
    public static TestCluster Of(int members, ClusterOptions? options = null) => new(members, options ?? ClusterOptions.Default);

    /// <summary>A cluster that runs, with a leader that all nodes follow.</summary>
    public static async Task<TestCluster> StartAsync(int members, ClusterOptions? options = null)
    {
        var cluster = Of(members, options);
        foreach (var node in cluster.Nodes)
            node.Start();
        for (var group = 0; group < cluster._options.Groups; group++)
            await cluster.LeaderAsync(group);
        return cluster;
    }

    /// <summary>A node that is no member: it waits to be added.</summary>
    /// <param name="hocon">What it is configured with beside the rest.</param>
    public TestNode AddNode(string hocon = "") => Add($"n{_nodes.Count + 1}", members: [], hocon);

    /// <summary>Every node but this one.</summary>
    public IReadOnlyList<TestNode> Without(TestNode node) => [.. _nodes.Where(other => other != node)];

    /// <summary>The leader that all running nodes follow, once there is one.</summary>
    public Task<TestNode> LeaderAsync(int group = 0) => LeaderAmongAsync([.. Running], group);

    /// <summary>The leader that all of these nodes follow, once there is one. It is one of them.</summary>
    public Task<TestNode> LeaderAmongAsync(IReadOnlyList<TestNode> nodes, int group = 0) => Eventually.GivesAsync(
        $"{string.Join(", ", nodes)} follow one leader of group {group}",
        async () =>
        {
            var seen = await StatusesAsync(nodes, group);
            var leaders = seen.Select(status => (status?.Term, status?.Leader)).Distinct().ToList();
            return leaders is [{ Leader: { } leader }] && seen.Any(status => status!.Node == leader && status.Role == "Leader") ? this[leader.Value] : null;
        },
        describe: () => DescribeAsync(nodes, group));

    /// <summary>Waits until all running nodes have applied the same entries, and checks that their states are the same.</summary>
    public async Task<ReplicaStatus> AgreeAsync(int group = 0)
    {
        IReadOnlyList<TestNode> running = [.. Running];
        var agreed = await Eventually.GivesAsync(
            $"{string.Join(", ", running)} have applied equally much",
            async () =>
            {
                var seen = await StatusesAsync(running, group);
                return seen.All(status => status is not null)
                    && seen.Select(status => (status!.AppliedIndex, status.LastIndex)).Distinct().ToList() is [var (applied, last)] && applied == last
                        ? seen
                        : null;
            },
            describe: () => DescribeAsync(running, group));
        Assert.Single(agreed.Select(status => status!.Digest).Distinct());
        return agreed[0]!;
    }

    /// <summary>A client that knows the addresses of the first nodes; it is closed with the cluster.</summary>
    public async Task<RaftQueueClient> ConnectAsync(Action<RaftQueueClientOptions>? configure = null)
    {
        var options = new RaftQueueClientOptions { SystemConfig = $"akka.loglevel = OFF\n{_options.Transport}" };
        foreach (var member in _members)
            options.Nodes.Add(this[member].Address);
        configure?.Invoke(options);
        var client = await RaftQueueClient.ConnectAsync(options);
        _clients.Add(client);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_clients.Select(client => client.DisposeAsync().AsTask()));
        await Task.WhenAll(Running.ToList().Select(node => node.CrashAsync()));
        KeepLogs();
        Directory.Delete(_folder, recursive: true);
    }

    private TestNode Add(string name, IReadOnlyList<string> members, string hocon = "")
    {
        var folder = Path.Combine(_folder, name);
        var seeds = _members.Select((_, i) => AddressAt(i));
        var config = ConfigurationFactory.ParseString(hocon).WithFallback(NodeConfig.Of(name, _ports[_nodes.Count], folder, members, seeds, _options));
        var node = new TestNode(name, AddressAt(_nodes.Count), folder, config);
        _nodes.Add(node);
        return node;
    }

    private string AddressAt(int place) => $"{_options.Protocol}://raftqueue@{Loopback.Host}:{_ports[place]}";

    private static Task<ReplicaStatus?[]> StatusesAsync(IReadOnlyList<TestNode> nodes, int group) =>
        Task.WhenAll(nodes.Select(node => node.StatusAsync(group)));

    private static async Task<string> DescribeAsync(IReadOnlyList<TestNode> nodes, int group) => string.Join("; ", (await StatusesAsync(nodes, group)).Select(
        status => status is null
            ? "no replica"
            : $"{status.Node}: {status.Role} in term {status.Term}, leader {status.Leader}, last {status.LastIndex}, applied {status.AppliedIndex}, members {status.Members}"));

    private void KeepLogs()
    {
        if (Environment.GetEnvironmentVariable("RAFTQUEUE_TEST_LOGS") is not { Length: > 0 } place)
            return;
        var kept = Directory.CreateDirectory(Path.Combine(place, Path.GetFileName(_folder))).FullName;
        foreach (var node in _nodes)
        {
            var log = Path.Combine(_folder, node.Name, "node.log");
            if (File.Exists(log))
                File.Copy(log, Path.Combine(kept, $"{node.Name}.log"));
        }
    }
}
