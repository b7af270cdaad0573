using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.Contracts.Addressing;

namespace RaftQueue.Server.Operating;

/// <summary>How the verbs reach a running cluster.</summary>
internal static class ClusterConnection
{
    private const string Transport = "akka.remote.dot-netty.tcp";

    /// <summary>Long enough for an election; an operator does not want to wait longer to hear that a node is down.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Connects as a client's file says; a node's own file will do too, and its seed nodes are asked then.</summary>
    public static Task<RaftQueueClient> OpenAsync(string[] paths, CancellationToken stop)
    {
        var config = ServerConfig.Read(paths);
        if (config.HasPath("raftqueue.client"))
            return OpenAsync(RaftQueueClientOptions.From(config), stop);
        var seeds = config.HasPath("akka.cluster.seed-nodes") ? config.GetStringList("akka.cluster.seed-nodes") : [];
        return OpenAsync(OptionsOfNode(config, seeds), stop);
    }

    /// <summary>Connects to one node only.</summary>
    /// <param name="address">Such as <c>127.0.0.1:7001</c>; null for the node that the configuration describes.</param>
    /// <param name="paths">The node's files.</param>
    /// <param name="stop">Stops connecting.</param>
    public static async Task<(RaftQueueClient Client, string Address)> OpenNodeAsync(string? address, string[] paths, CancellationToken stop)
    {
        var config = ServerConfig.Read(paths);
        if (address is not null && !HostAndPort.TryParse(address, out _, out var problem))
            throw new ArgumentException($"--node: '{address}' is not host:port: {problem}.");
        var node = address ?? AddressOf(config);
        return (await OpenAsync(OptionsOfNode(config, [node]), stop), node);
    }

    private static Task<RaftQueueClient> OpenAsync(RaftQueueClientOptions options, CancellationToken stop)
    {
        options.ConnectTimeout = 2 * Patience;
        options.RequestTimeout = Patience;
        options.AttemptTimeout = Patience / 2;
        return RaftQueueClient.ConnectAsync(options, stop);
    }

    // A client beside the node: on a port of its own, by the same address, and with the same TLS.
    private static RaftQueueClientOptions OptionsOfNode(Config config, IEnumerable<string> nodes)
    {
        var options = new RaftQueueClientOptions
        {
            Hostname = Text(config, $"{Transport}.hostname", "127.0.0.1"),
            SystemConfig = ConfigurationFactory.ParseString($"akka {{ actor.provider = remote, loglevel = OFF }}\n{Transport} {{ port = 0, public-port = 0 }}").WithFallback(config),
        };
        foreach (var node in nodes)
            options.Nodes.Add(node);
        return options;
    }

    private static string AddressOf(Config config)
    {
        var host = Text(config, $"{Transport}.public-hostname", Text(config, $"{Transport}.hostname", ""));
        var port = Text(config, $"{Transport}.public-port", Text(config, $"{Transport}.port", ""));
        return host.Length > 0 && port.Length > 0
            ? $"{HostName.InAddress(host)}:{port}"
            : throw new ArgumentException($"Which node? Neither --node nor {Transport}.hostname and .port in --config or the environment says.");
    }

    private static string Text(Config config, string path, string otherwise) =>
        config.HasPath(path) && config.GetString(path) is { Length: > 0 } text ? text : otherwise;
}
