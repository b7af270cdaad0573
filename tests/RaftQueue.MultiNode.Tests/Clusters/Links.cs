using Akka.Actor;
using Akka.Remote;
using Akka.Remote.Transport;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>
/// The links between nodes, cut by Akka's own throttle in the transport of the sender: what it writes is lost without a sign, as on a dead network. Connections stay open.
/// </summary>
internal sealed class Links(IReadOnlyList<TestNode> nodes)
{
    private readonly HashSet<(TestNode From, TestNode To)> _cut = [];

    /// <summary>Nothing passes between these nodes and the others any more, either way.</summary>
    public async Task IsolateAsync(params IReadOnlyList<TestNode> island)
    {
        foreach (var inside in island)
        {
            foreach (var outside in nodes.Except(island))
            {
                await CutOneWayAsync(inside, outside);
                await CutOneWayAsync(outside, inside);
            }
        }
    }

    /// <summary>Nothing passes from one node to another any more; the way back stays open.</summary>
    public async Task CutOneWayAsync(TestNode from, TestNode to)
    {
        await SetAsync(from, to, Blackhole.Instance);
        _cut.Add((from, to));
    }

    /// <summary>Everything passes again.</summary>
    public async Task HealAsync()
    {
        foreach (var (from, to) in _cut)
            await SetAsync(from, to, Unthrottled.Instance);
        _cut.Clear();
    }

    private static async Task SetAsync(TestNode from, TestNode to, ThrottleMode mode)
    {
        var command = new SetThrottle(Address.Parse(to.Address), ThrottleTransportAdapter.Direction.Send, mode);
        var remoting = (IRemoteActorRefProvider)((ExtendedActorSystem)from.System).Provider;
        Assert.True(await remoting.Transport.ManagementCommand(command), $"{from} does not know how to cut links.");
    }
}
