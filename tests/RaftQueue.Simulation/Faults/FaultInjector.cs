using RaftQueue.Contracts;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Faults;

/// <summary>Does something bad, or changes the members or the leader, every now and then, as the profile weighs it.</summary>
public sealed class FaultInjector(World world, Cluster cluster, IReadOnlyList<Consumer> consumers)
{
    private readonly SeededRandom _random = world.Random.Fork();
    private readonly List<Fault> _deeds = [.. world.Profile.Weights.OrderBy(pair => pair.Key).SelectMany(pair => Enumerable.Repeat(pair.Key, pair.Value))];
    private bool _isOver;
    private long _requests;

    /// <summary>The storm begins.</summary>
    public void Start()
    {
        if (world.Profile.FaultEvery > TimeSpan.Zero && _deeds.Count > 0)
            PlanNext();
    }

    /// <summary>The storm is over: everything heals, everyone starts.</summary>
    public void Heal()
    {
        _isOver = true;
        world.Network.Heal();
        world.Network.Weather = Network.NetworkWeather.Still;
        world.Disk = DiskWear.None;
        world.Clients.LoseReply = 0;
        foreach (var node in cluster.Nodes)
        {
            node.Resume();
            while (Upgrade(node))
                world.Trace.Say(node.Id.Value, $"knows machine version {node.Options.MachineVersion} now");
            if (node.Disk.IsDamaged)
                cluster.LoseData(node);
        }

        cluster.StartAll();
    }

    private void PlanNext() => world.Schedule.After(_random.Between(TimeSpan.Zero, world.Profile.FaultEvery * 2), () =>
    {
        if (_isOver)
            return;
        Do(_random.Pick(_deeds));
        RestartSomebody();
        PlanNext();
    });

    private void Do(Fault deed)
    {
        var node = _random.Pick(cluster.Nodes);
        var done = deed switch
        {
            Fault.Crash => Crash(_random.Chance(0.4) && cluster.Leader is { } leader ? leader.Node : node),
            Fault.Partition => Partition(),
            Fault.OneWayCut => CutOneWay(node),
            Fault.Isolation => Isolate(_random.Chance(0.5) && cluster.Leader is { } leader ? leader.Node : node),
            Fault.Minority => PartMinority(),
            Fault.Upgrade => Upgrade(node),
            Fault.Pause => Pause(_random.Chance(0.5) && cluster.Leader is { } leader ? leader.Node : node),
            Fault.SlowDisk => SlowDisk(),
            Fault.ClockJump => Jump(node),
            Fault.RecordDamaged => Damage(node),
            Fault.DataWiped => Wipe(node),
            Fault.MemberAdded => AddMember(),
            Fault.MemberRemoved => RemoveMember(),
            Fault.LeadershipTransfer => Transfer(),
            Fault.ConsumerVanished => Vanish(),
            _ => false,
        };
        if (done)
            world.Faults.Add(deed);
    }

    private void RestartSomebody()
    {
        var down = cluster.Nodes.Where(node => node.Life is null && !node.Disk.IsDamaged).ToList();
        if (down.Count > 0 && _random.Chance(0.5))
            _random.Pick(down).Start();
    }

    private bool Crash(SimulatedNode node)
    {
        if (node.Life is null)
            return false;
        node.Crash("the power is cut");
        return true;
    }

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

    /// <summary>Another program is installed on a server, and it is started again.</summary>
    private bool Upgrade(SimulatedNode node)
    {
        if (node.Options.MachineVersion >= world.Profile.NewestVersion)
            return false;
        node.Crash("it is stopped for an upgrade");
        node.Options = node.Options with { MachineVersion = node.Options.MachineVersion + 1 };
        node.Start();
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

    private bool Pause(SimulatedNode node)
    {
        if (node.Life is null)
            return false;
        node.Pause(world.Now + _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(900)));
        return true;
    }

    private bool SlowDisk()
    {
        var usual = world.Profile.Disk;
        world.Disk = usual with { MaxWrite = usual.MaxWrite * 20 };
        world.Schedule.After(TimeSpan.FromMilliseconds(300), () =>
        {
            if (!_isOver)
                world.Disk = usual;
        });
        return true;
    }

    private bool Jump(SimulatedNode node)
    {
        node.Clock.Jump(_random.Between(TimeSpan.FromSeconds(-4), TimeSpan.FromSeconds(4)));
        return true;
    }

    private bool Damage(SimulatedNode node)
    {
        if (node.Disk.IsEmpty || !cluster.MayLoseData(node))
            return false;
        node.Disk.Damage(_random.Below(node.Disk.Journal.Count));
        node.Crash("the power is cut, and a record of its journal is damaged");
        node.Start();

        // Somebody notices, and replaces the disk.
        world.Schedule.After(_random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(800)), () =>
        {
            if (!node.Disk.IsDamaged)
                return;
            cluster.LoseData(node);
            node.Start();
        });
        return true;
    }

    private bool Wipe(SimulatedNode node)
    {
        if (!cluster.MayLoseData(node))
            return false;
        cluster.LoseData(node);
        node.Start();
        return true;
    }

    private bool AddMember()
    {
        if (cluster.Leader is not { } leader)
            return false;
        var outside = cluster.Nodes.Where(node => leader.Replica.Log.Configuration.Find(node.Id) is null).ToList();
        if (outside.Count == 0)
            return false;
        var node = _random.Pick(outside);
        Change(leader, new MembershipChange.Add(node.Id, node.Disk.Incarnation));
        return true;
    }

    private bool RemoveMember()
    {
        // Whoever takes members out while data is missing can take out the last copy; an operator waits until the group is whole.
        if (cluster.Leader is not { } leader || cluster.IsShortOfData() || leader.Replica.Log.Configuration.Voters.Count() <= 3)
            return false;
        var member = _random.Pick(leader.Replica.Log.Configuration.Members);
        Change(leader, new MembershipChange.Remove(member.Id));
        return true;
    }

    private void Change(Life leader, MembershipChange change)
    {
        world.Trace.Say("ops", $"asks {leader.Node}: {change}");
        leader.Soon(TimeSpan.Zero, life =>
        {
            // A leader that was paused may come to this late, when the answer to the question above is another.
            if (change is MembershipChange.Add || !cluster.IsShortOfData())
                life.Hear(new Input.ChangeMembers(++_requests, change, life.WallNow));
        });
    }

    private bool Transfer()
    {
        if (cluster.Leader is not { } leader)
            return false;
        Transfer(leader, _random.Chance(0.5) ? null : _random.Pick(leader.Replica.Log.Configuration.Members).Id);
        if (world.Profile.Theme == Theme.Echoes)
            HandBack(leader.Node.Id, _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(150)));
        return true;
    }

    private void Transfer(Life leader, NodeId? target)
    {
        world.Trace.Say("ops", $"asks {leader.Node} to hand over to {target?.Value ?? "anybody"}");
        leader.Soon(TimeSpan.Zero, life => life.Hear(new Input.Transfer(++_requests, target)));
    }

    /// <summary>After a while, whoever leads is asked to hand over to a former leader.</summary>
    private void HandBack(NodeId former, TimeSpan after) => world.Schedule.After(after, () =>
    {
        if (!_isOver && cluster.Leader is { } leader && leader.Node.Id != former)
            Transfer(leader, former);
    });

    private bool Vanish()
    {
        if (consumers.Count == 0)
            return false;
        _random.Pick(consumers).Vanish();
        return true;
    }
}
