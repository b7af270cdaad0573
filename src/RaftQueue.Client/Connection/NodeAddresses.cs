using System.Collections.Immutable;
using Akka.Actor;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Tls;

namespace RaftQueue.Client.Connection;

/// <summary>Where nodes are, as people write it.</summary>
internal static class NodeAddresses
{
    /// <exception cref="RaftQueueConfigurationException">An entry is neither "host:port" nor an Akka address.</exception>
    public static ImmutableArray<string> Resolve(IEnumerable<string> nodes, string systemName, bool isEncrypted = false) =>
        [.. nodes.Select(node => Resolve(node, systemName)).Select(address => isEncrypted ? TlsSettings.Encrypted(address) : address)];

    private static string Resolve(string node, string systemName)
    {
        var full = node.Contains("://", StringComparison.Ordinal) ? node : $"akka.tcp://{systemName}@{node}";
        return Address.TryParse(full, out var address) && address is { HasGlobalScope: true, Port: > 0 }
            ? address.ToString()
            : throw new RaftQueueConfigurationException(
                "raftqueue.client.nodes", $"'{node}' is neither \"host:port\" nor an Akka address such as \"akka.tcp://{systemName}@10.0.0.1:7001\".");
    }
}
