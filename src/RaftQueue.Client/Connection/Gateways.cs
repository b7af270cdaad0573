using Akka.Actor;

namespace RaftQueue.Client.Connection;

/// <summary>The gateways of the nodes, by the nodes' addresses.</summary>
internal sealed class Gateways(IActorRefProvider provider)
{
    private readonly Dictionary<string, IActorRef> _byAddress = [];

    /// <summary>The gateway of the node at an address. By path, not by incarnation: it holds through a restart of the node.</summary>
    public IActorRef At(string address)
    {
        if (!_byAddress.TryGetValue(address, out var gateway))
            _byAddress[address] = gateway = provider.ResolveActorRef(address + "/user/raftqueue/gateway");
        return gateway;
    }

    public void Forget(string address) => _byAddress.Remove(address);

    /// <summary>The address under which we know the node that an actor is on.</summary>
    public string AddressOf(IActorRef actor) =>
        (actor.Path.Address.HasLocalScope ? provider.DefaultAddress : actor.Path.Address).ToString();
}
