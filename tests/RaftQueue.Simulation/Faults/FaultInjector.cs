using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Faults;

/// <summary>Does something bad, or changes the members or the leader, every now and then, as the profile weighs it.</summary>
public sealed partial class FaultInjector(World world, Cluster cluster, IReadOnlyList<Consumer> consumers)
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
            node.Groups = SimulatedNode.RightGroups;
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
            Fault.SettingChanged => ChangeSetting(node),
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

    // Somebody edits a file: the node does not start before it is put right.
    private bool ChangeSetting(SimulatedNode node)
    {
        if (node.Disk.Fixed.Groups is null)
            return false;
        node.Crash("it is stopped, and its number of groups is changed");
        node.Groups++;
        node.Start();
        world.Schedule.After(_random.Between(TimeSpan.Zero, TimeSpan.FromMilliseconds(600)), () =>
        {
            node.Groups = SimulatedNode.RightGroups;
            node.Start();
        });
        return true;
    }

    private bool Crash(SimulatedNode node)
    {
        if (node.Life is null)
            return false;
        node.Crash("the power is cut");
        return true;
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
        var furthest = _random.Pick([TimeSpan.FromSeconds(4), TimeSpan.FromDays(2), TimeSpan.FromDays(30 * 365)]);
        node.Clock.Jump(_random.Between(-furthest, furthest));
        return true;
    }

    private bool Damage(SimulatedNode node)
    {
        if (node.Disk.Journal.Count == 0 || !cluster.MayLoseData(node))
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

    private bool Vanish()
    {
        if (consumers.Count == 0)
            return false;
        _random.Pick(consumers).Vanish();
        return true;
    }
}
