using RaftQueue.Client;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Chaos.Cluster;

/// <summary>What a cluster is made of.</summary>
/// <param name="Nodes">How many.</param>
/// <param name="UsesNamespaces">Each node in a network of its own.</param>
/// <param name="UsesSmallDisks">Each node's data on a small disk that can be filled.</param>
/// <param name="UsesFakeClocks">Each node with a clock that can jump.</param>
/// <param name="Hocon">Settings of the nodes beyond the defaults.</param>
public sealed record ClusterPlan(int Nodes, bool UsesNamespaces = false, bool UsesSmallDisks = false, bool UsesFakeClocks = false, string Hocon = "");

/// <summary>A cluster of server processes on this machine, and all that belongs to it; nothing is left when it is disposed.</summary>
public sealed class ServerCluster : IAsyncDisposable
{
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private readonly RunFolder _folder;
    private RaftQueueClient? _observer;

    private ServerCluster(RunFolder folder, NodeNetwork network, IReadOnlyList<ServerNode> nodes) =>
        (_folder, Network, Nodes) = (folder, network, nodes);

    /// <summary>The nodes.</summary>
    public IReadOnlyList<ServerNode> Nodes { get; }

    /// <summary>Clients in processes of their own.</summary>
    public IList<ClientProcess> Clients { get; } = [];

    /// <summary>How they reach each other.</summary>
    public NodeNetwork Network { get; }

    /// <summary>Where the nodes' output stays when the cluster is gone; null if it goes as well.</summary>
    public string? KeptLogs => _folder.KeptLogs;

    /// <summary>The most nodes that may be away with a majority left.</summary>
    public int Minority => (Nodes.Count - 1) / 2;

    /// <summary>Starts a cluster and waits until it has a leader.</summary>
    public static async Task<ServerCluster> StartAsync(ClusterPlan plan, Capabilities capabilities, CancellationToken cancellation)
    {
        var folder = RunFolder.Create();
        NodeNetwork? network = null;
        ServerCluster? cluster = null;
        try
        {
            network = plan.UsesNamespaces ? NamespacedNetwork.Create(folder.Id, plan.Nodes) : new LoopbackNetwork(plan.Nodes);
            cluster = new ServerCluster(folder, network, Build(plan, folder, network, capabilities));
            foreach (var node in cluster.Nodes)
                node.Start();
            cluster._observer = await cluster.ConnectAsync(options => options.ConnectTimeout = StartPatience, cancellation);
            if (await cluster.WaitUntilSoundAsync(StartPatience, cancellation) is { } why)
                throw new InvalidOperationException($"The cluster is not up {StartPatience.TotalSeconds} s after its start: {why}.");
            return cluster;
        }
        catch (Exception failure)
        {
            if (failure is not OperationCanceledException)
                folder.KeepLogs();
            if (cluster is not null)
            {
                await cluster.DisposeAsync();
            }
            else
            {
                network?.Dispose();
                folder.Dispose();
            }

            throw;
        }
    }

    /// <summary>Keeps the nodes' output when the cluster is gone.</summary>
    public void KeepLogs() => _folder.KeepLogs();

    /// <summary>A client of this cluster.</summary>
    public Task<RaftQueueClient> ConnectAsync(Action<RaftQueueClientOptions>? configure = null, CancellationToken cancellation = default) =>
        ConnectAsync(Nodes.Select(node => node.Address), Network.ClientHost, configure, cancellation);

    /// <summary>A client of the nodes at these addresses.</summary>
    public static Task<RaftQueueClient> ConnectAsync(
        IEnumerable<string> nodes, string host, Action<RaftQueueClientOptions>? configure, CancellationToken cancellation)
    {
        var options = new RaftQueueClientOptions { Nodes = [.. nodes], Hostname = host, SystemConfig = QuietClient, WaitForNodes = true };
        configure?.Invoke(options);
        return RaftQueueClient.ConnectAsync(options, cancellation);
    }

    /// <summary>How a node sees its replica; null where it does not answer within a second.</summary>
    public async Task<ReplicaStatus?> StatusOfAsync(ServerNode node, CancellationToken cancellation)
    {
        if (!node.IsUp || _observer is not { } observer)
            return null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(StatusPatience);
        try
        {
            return await observer.Admin.GetStatusAsync(node.Name, cancellation: patience.Token);
        }
        catch (RaftQueueException)
        {
            return null; // it is away, or its group is
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>How all nodes see theirs.</summary>
    public Task<ReplicaStatus?[]> StatusAsync(CancellationToken cancellation) =>
        Task.WhenAll(Nodes.Select(node => StatusOfAsync(node, cancellation)));

    /// <summary>The node that leads, by its own word in the latest term; null where there is none.</summary>
    public async Task<ServerNode?> FindLeaderAsync(CancellationToken cancellation)
    {
        var leader = (await StatusAsync(cancellation)).Where(status => status is { Role: "Leader" }).MaxBy(status => status!.Term);
        return leader is null ? null : Nodes.First(node => node.Name == leader.Node.Value);
    }

    /// <summary>Hands leadership over to the most up-to-date follower.</summary>
    /// <returns>Why not, where it was refused or took too long; otherwise null.</returns>
    public async Task<string?> TransferLeadershipAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(timeout);
        try
        {
            await _observer!.Admin.TransferLeadershipAsync(cancellation: patience.Token);
            return null;
        }
        catch (RaftQueueException refusal)
        {
            return refusal.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {timeout.TotalSeconds:0} s";
        }
    }

    /// <summary>Waits until all nodes are voters, follow one leader and are close behind it.</summary>
    /// <returns>Why not, where it took too long; otherwise null.</returns>
    public async Task<string?> WaitUntilSoundAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + timeout;
        while (true)
        {
            var why = WhyNotSound(await StatusAsync(cancellation));
            if (why is null)
                return null;
            if (DateTime.UtcNow > deadline)
                return why;
            await Task.Delay(200, cancellation);
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_observer is not null)
            await _observer.DisposeAsync();
        foreach (var client in Clients)
            client.Dispose();
        foreach (var node in Nodes)
            node.Dispose();
        Network.Dispose();
        _folder.Dispose();
    }

    private static readonly Akka.Configuration.Config QuietClient =
        Akka.Configuration.ConfigurationFactory.ParseString("akka.loglevel = ERROR\nakka.stdout-loglevel = OFF\nakka.loggers = []");

    private static List<ServerNode> Build(ClusterPlan plan, RunFolder folder, NodeNetwork network, Capabilities capabilities)
    {
        var config = Path.Combine(folder.FullPath, "chaos.conf");
        File.WriteAllText(config, plan.Hocon);
        var names = Enumerable.Range(1, plan.Nodes).Select(number => $"n{number}").ToList();
        var nodes = new List<ServerNode>();
        for (var i = 0; i < plan.Nodes; i++)
        {
            var home = Path.Combine(folder.FullPath, names[i]);
            if (plan.UsesSmallDisks)
                SmallDisk.Mount(Path.Combine(home, "data"));
            else
                Directory.CreateDirectory(home);
            nodes.Add(new ServerNode(
                new NodePlan(i, names[i], home, Path.Combine(folder.Logs, $"{names[i]}.log"), config, names, plan.UsesFakeClocks ? capabilities.FakeTimeLibrary : null), network));
        }

        return nodes;
    }

    private string? WhyNotSound(ReplicaStatus?[] all)
    {
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] is null)
                return $"{Nodes[i].Name} does not answer";
        }

        var leader = all.FirstOrDefault(status => status!.Role == "Leader");
        if (leader is null)
            return "nobody leads";
        foreach (var status in all)
        {
            if (status!.Leader != leader.Node)
                return $"{status.Node} follows {status.Leader?.ToString() ?? "nobody"}, while {leader.Node} leads";
            if (!leader.Members.HasVoter(status.Node) || leader.Members.Find(status.Node)!.Incarnation is { IsKnown: true } admitted && admitted != status.Incarnation)
                return $"{status.Node} is no voter";
            if (leader.CommitIndex.Value - status.AppliedIndex.Value > 2_000)
                return $"{status.Node} has applied {status.AppliedIndex} of {leader.CommitIndex}";
        }

        return null;
    }
}
