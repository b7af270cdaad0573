using System.Collections.Frozen;
using Akka.Actor;

namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// The other nodes of the cluster, as the transport tells their connections from those of clients: what bounds clients must not hold up
/// Raft. Empty in a client.
/// </summary>
internal sealed class TransportPeers : IExtension
{
    private volatile FrozenSet<string> _addresses = FrozenSet<string>.Empty;

    /// <summary>Of an actor system.</summary>
    public static TransportPeers Of(ActorSystem system) => Provider.Instance.Apply(system);

    /// <summary>Whether a node is at this address, written as "system@host:port".</summary>
    public bool Contains(string? address) => address is not null && _addresses.Contains(address);

    /// <summary>These are the other nodes from now on.</summary>
    public void Set(IEnumerable<Address> nodes) => _addresses = nodes.Select(NameOf).ToFrozenSet(StringComparer.Ordinal);

    private static string NameOf(Address address) => $"{address.System}@{address.Host}:{address.Port}";

    private sealed class Provider : ExtensionIdProvider<TransportPeers>
    {
        public static readonly Provider Instance = new();

        public override TransportPeers CreateExtension(ExtendedActorSystem system) => new();
    }
}
