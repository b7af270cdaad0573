using RaftQueue.Chaos.Cluster;

namespace RaftQueue.Chaos.Faults;

/// <summary>Something is wrong with the links of the targets.</summary>
/// <param name="kind">Its name.</param>
/// <param name="linkOf">The link of a target.</param>
/// <param name="fromSeconds">The shortest time.</param>
/// <param name="toSeconds">The longest time.</param>
/// <param name="reach">Whom it hits.</param>
/// <param name="takesMajority">Whether it leaves no majority that could confirm.</param>
public sealed class NetworkFault(
    string kind, Func<Scene, ServerNode, Link> linkOf, double fromSeconds, double toSeconds, Reach reach = Reach.Minority, bool takesMajority = false)
    : Fault(kind, reach)
{
    public override bool TakesMajority => takesMajority;

    public override string? WhyNot(Capabilities capabilities) => capabilities.WhyNoNamespaces;

    public override TimeSpan Hold(Random random) => Between(random, fromSeconds, toSeconds);

    public override Task InjectAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            scene.Cluster.Network.Set(node.Number, linkOf(scene, node));
        return Task.CompletedTask;
    }

    public override Task HealAsync(Scene scene, CancellationToken cancellation)
    {
        foreach (var node in scene.Targets)
            scene.Cluster.Network.Set(node.Number, Link.Sound);
        return Task.CompletedTask;
    }
}

/// <summary>The links that networks get wrong.</summary>
public static class FaultyLinks
{
    /// <summary>The node and the nodes that are not hit lose each other; clients still reach both sides.</summary>
    public static Link CutFromOthers(Scene scene, ServerNode node) => new(Others(scene, node), Others(scene, node));

    /// <summary>Nobody reaches the node, not even clients.</summary>
    public static Link Isolated(Scene scene, ServerNode node)
    {
        int[] all = [Link.Clients, .. Peers(scene, node)];
        return new Link(all, all);
    }

    /// <summary>The node hears the others, but they do not hear it.</summary>
    public static Link Mute(Scene scene, ServerNode node) => new([], Others(scene, node));

    /// <summary>The others hear the node, but it does not hear them.</summary>
    public static Link Deaf(Scene scene, ServerNode node) => new(Others(scene, node), []);

    /// <summary>The node has lost one of the others, and the rest sees both.</summary>
    public static Link OneLinkCut(Scene scene, ServerNode node)
    {
        var peers = Peers(scene, node);
        int[] one = [peers[scene.Random.Next(peers.Length)]];
        return new Link(one, one);
    }

    /// <summary>A third of what peers send to the node is lost.</summary>
    public static Link Lossy(Scene scene, ServerNode node) => new([], [], LossPercent: 30);

    /// <summary>What the node sends is late.</summary>
    public static Link Slow(Scene scene, ServerNode node) => new([], [], IsSlow: true);

    private static int[] Peers(Scene scene, ServerNode node) => [.. scene.Cluster.Nodes.Select(peer => peer.Number).Where(peer => peer != node.Number)];

    private static int[] Others(Scene scene, ServerNode node) => [.. Peers(scene, node).Except(scene.Targets.Select(target => target.Number))];
}
