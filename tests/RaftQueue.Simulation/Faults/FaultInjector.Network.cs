using RaftQueue.Contracts;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Faults;

// Links that let nothing pass.
public sealed partial class FaultInjector
{
    private bool Partition()
    {
        var side = cluster.Nodes.Where(_ => _random.Chance(0.5)).ToHashSet();
        var pairs = cluster.Nodes.SelectMany(from => cluster.Nodes.Where(to => side.Contains(from) != side.Contains(to)).Select(to => (from.Id, to.Id))).ToList();
        Cut(pairs);
        world.Trace.Say("net", $"parts {string.Join(" ", side)} from the others");
        return pairs.Count > 0;
    }

    /// <summary>
    /// The leader is cut off with as many others as can commit nothing with it, long enough for the rest to elect; then it is made leader again. What it had appended
    /// meanwhile was acknowledged, and gave way.
    /// </summary>
    private bool PartMinority()
    {
        if (cluster.Leader is not { } leader)
            return false;
        var others = cluster.Nodes.Where(node => node != leader.Node).ToList();
        var side = new HashSet<SimulatedNode> { leader.Node };
        var most = (leader.Replica.Log.Configuration.Voters.Count() - 1) / 2;
        while (side.Count < most)
            side.Add(_random.Pick(others));
        world.Trace.Say("net", $"parts {string.Join(" ", side)}, where the leader is, from the others");
        var length = _random.Between(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(450));
        Cut([.. from inside in side from outside in cluster.Nodes where !side.Contains(outside) from pair in new[] { (inside.Id, outside.Id), (outside.Id, inside.Id) } select pair], length);
        HandBack(leader.Node.Id, length + _random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(80)));
        return true;
    }

    private bool CutOneWay(SimulatedNode from)
    {
        var to = _random.Pick(cluster.Nodes);
        if (to == from)
            return false;
        Cut([(from.Id, to.Id)]);
        world.Trace.Say("net", $"lets nothing pass from {from} to {to}");
        return true;
    }

    private bool Isolate(SimulatedNode node)
    {
        // Sometimes it can still speak, or still hear: half a cut is worse than a whole one.
        var (speaks, hears) = (_random.Chance(0.25), _random.Chance(0.25));
        var others = cluster.Nodes.Where(other => other != node).ToList();
        var pairs = others.Where(_ => !speaks).Select(other => (node.Id, other.Id)).Concat(others.Where(_ => !hears).Select(other => (other.Id, node.Id))).ToList();
        Cut(pairs);
        world.Trace.Say("net", $"isolates {node}{(speaks ? ", which can still speak" : "")}{(hears ? ", which can still hear" : "")}");
        return pairs.Count > 0;
    }

    private void Cut(List<(NodeId From, NodeId To)> pairs) =>
        Cut(pairs, _random.Between(TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1_200)));

    private void Cut(List<(NodeId From, NodeId To)> pairs, TimeSpan length)
    {
        foreach (var (from, to) in pairs)
            world.Network.Cut(from, to);
        world.Schedule.After(length, () =>
        {
            foreach (var (from, to) in pairs)
                world.Network.Mend(from, to);
        });
    }
}
