using RaftQueue.Chaos.Cluster;

namespace RaftQueue.Chaos.Faults;

/// <summary>Every fault that there is.</summary>
public static class FaultCatalog
{
    /// <summary>All of them, whether they can be injected here or not.</summary>
    public static IReadOnlyList<Fault> All { get; } =
    [
        new KillFault(),
        new PauseFault("pause", 0.2, 4),
        new PauseFault("long pause", 15, 25),
        new StopFault(),
        new TransferFault(),
        new ClientPauseFault(),
        new WipeFault(),
        new FullDiskFault(),
        new DamageFault(),
        new ClockFault(),
        new NetworkFault("cut", FaultyLinks.CutFromOthers, 1, 8),
        new NetworkFault("isolation", FaultyLinks.Isolated, 1, 8),
        new NetworkFault("mute", FaultyLinks.Mute, 1, 6),
        new NetworkFault("deaf", FaultyLinks.Deaf, 1, 6),
        new NetworkFault("one link cut", FaultyLinks.OneLinkCut, 1, 8),
        new NetworkFault("loss", FaultyLinks.Lossy, 3, 8),
        new NetworkFault("slow link", FaultyLinks.Slow, 3, 8),
        new NetworkFault("all isolated", FaultyLinks.Isolated, 1, 6, Reach.All, takesMajority: true),
        new KillFault("majority killed", Reach.Majority),
        new PauseFault("majority paused", 2, 6, Reach.Majority),
        new KillFault("all killed", Reach.All),
    ];

    /// <summary>Faults in an order of chance, each of them once before any of them comes again.</summary>
    public static IEnumerable<Fault> Deal(IReadOnlyList<Fault> faults, Random random)
    {
        while (true)
        {
            var deck = faults.ToArray();
            random.Shuffle(deck);
            foreach (var fault in deck)
                yield return fault;
        }
    }

    /// <summary>Whom a fault hits this time. The leader is worth hitting more often than by chance.</summary>
    public static IReadOnlyList<ServerNode> Aim(Fault fault, ServerCluster cluster, ServerNode? leader, Random random)
    {
        var nodes = cluster.Nodes.OrderBy(_ => random.Next()).ToList();
        var leaderFirst = random.Next(2) == 0;
        if (leaderFirst && leader is not null)
            nodes = [leader, .. nodes.Where(node => node != leader)];
        var count = fault.Reach switch
        {
            Reach.One => 1,
            Reach.Minority => random.Next(1, cluster.Minority + 1),
            Reach.Clients => 0,
            Reach.Majority => cluster.Nodes.Count - cluster.Minority,
            _ => cluster.Nodes.Count,
        };
        return [.. nodes.Take(count)];
    }
}
