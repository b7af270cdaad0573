using System.Collections.Immutable;
using Akka.Actor;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Tls;

namespace RaftQueue.Client.Connection;

/// <summary>Where nodes are, as people write it.</summary>
internal static class NodeAddresses
{
    private const string Key = "raftqueue.client.nodes";

    /// <exception cref="RaftQueueConfigurationException">An entry is neither "host:port" nor an Akka address.</exception>
    public static ImmutableArray<string> Resolve(IEnumerable<string> nodes, string systemName, bool isEncrypted = false) =>
        [.. nodes.Select(node => Resolve(node, systemName)).Select(address => isEncrypted ? TlsSettings.Encrypted(address) : Unencrypted(address))];

    private static string Unencrypted(string address) => TlsSettings.IsEncrypted(address)
        ? throw new RaftQueueConfigurationException(Key, $"'{address}' is the address of a node that uses TLS, and {TlsSettings.Section}.enabled is off here.")
        : address;

    private static string Resolve(string node, string systemName)
    {
        if (node.Contains("://", StringComparison.Ordinal))
            return HostAndPort.TryParseAkka(node, out var address, out var problem) ? address.ToString() : throw Refuse(node, systemName, problem);
        return HostAndPort.TryParse(node, out var place, out var wrong)
            ? new Address("akka.tcp", systemName, place.Host, place.Port).ToString()
            : throw Refuse(node, systemName, wrong);
    }

    private static RaftQueueConfigurationException Refuse(string node, string systemName, string problem) => new(
        Key, $"'{node}' is neither \"host:port\" nor an Akka address such as \"akka.tcp://{systemName}@10.0.0.1:7001\": {problem}.");
}
