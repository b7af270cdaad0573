using Akka.Actor;

namespace RaftQueue.Client.Connection;

/// <summary>The gateways of the nodes, by the nodes' addresses.</summary>
internal sealed class Gateways(IActorRefProvider provider)
{
    private readonly Dictionary<string, IActorRef> _byAddress = [];

    /// <summary>The gateway of the node at an address. By path, not by incarnation: it holds through a restart of the node.</summary>
    public IActorRef At(string address)
    {
        if (_byAddress.TryGetValue(address, out var gateway))
            return gateway;
        gateway = provider.ResolveActorRef(address + "/user/raftqueue/gateway");

        // Within our own actor system a reference is bound to one life of the actor, or to none before it has started: it is looked up anew each time.
        if (gateway is not IActorRefScope { IsLocal: true })
            _byAddress[address] = gateway;
        return gateway;
    }

    public void Forget(string address) => _byAddress.Remove(address);

    /// <summary>The address under which we know the node that an actor is on.</summary>
    public string AddressOf(IActorRef actor) =>
        (actor.Path.Address.HasLocalScope ? provider.DefaultAddress : actor.Path.Address).ToString();
}
