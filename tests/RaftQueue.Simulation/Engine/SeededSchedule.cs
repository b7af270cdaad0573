using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Mutations;
using RaftQueue.Simulation.Network;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Engine;

/// <summary>
/// One seed, one schedule: a group and its clients go through a storm of faults, then everything heals, and a send must be confirmed within a bounded time; then
/// the clients stop, and all machines must come to the same state.
/// </summary>
public sealed class SeededSchedule
{
    /// <summary>Once faults stop, a leader and a confirmed send must come within this time.</summary>
    public static readonly TimeSpan RecoveryBound = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RestBound = TimeSpan.FromSeconds(20);
    private static readonly QueueName[] Names = [new("orders"), new("letters")];

    private readonly ulong _seed;
    private readonly World _world;
    private readonly Cluster _cluster;
    private readonly FaultInjector _faults;
    private readonly SeededRandom _random;
    private readonly List<(QueueName Name, QueueOptions Options)> _queues = [.. Names.Select(name => (name, QueueOptions.Default))];
    private readonly List<Producer> _producers = [];
    private readonly List<Consumer> _consumers = [];
    private long _reads;
    private bool _isClosing;

    private SeededSchedule(ulong seed, int? nodes, Mutation rules, TraceListener? listener)
    {
        _seed = seed;
        _random = new SeededRandom(seed);
        var profile = FaultProfile.Draw(_random, nodes);
        var (schedule, faults) = (new Schedule(), new FaultCounts());
        var cluster = default(Cluster);
        _world = new World
        {
            Schedule = schedule,
            Trace = new Trace(schedule, listener),
            Random = _random.Fork(),
            Profile = profile,
            Disk = profile.Disk,
            Faults = faults,
            Network = new SimulatedNetwork(schedule, _random.Fork(), faults, envelope => cluster!.Deliver(envelope)) { Weather = profile.Weather },
            Clients = new ClientLine(schedule, _random.Fork(), faults) { LoseReply = profile.LoseReply },
            Referee = new Referee(() => schedule.Now, profile),
            Rules = rules,
        };
        _cluster = cluster = new Cluster(_world);
        _faults = new FaultInjector(_world, _cluster, _consumers);
        _world.Trace.Say("sim", $"seed {seed}, {profile.Theme}: {profile.Nodes} nodes, {profile.Spares} spares, storm of {profile.StormLength.TotalSeconds} s");
        _world.Trace.Say("sim", $"{profile.Weather}, {profile.Disk}, demanding: {profile.Demanding}");
    }

    /// <summary>What the schedule of a seed is mostly about.</summary>
    public static Theme ThemeOf(ulong seed) => FaultProfile.Draw(new SeededRandom(seed)).Theme;

    /// <summary>Runs the schedule of a seed to its end, or to the first broken promise.</summary>
    public static SeedResult Run(ulong seed, int? nodes = null, Mutation? rules = null, TraceListener? listener = null)
    {
        var schedule = new SeededSchedule(seed, nodes, rules ?? Mutation.None, listener);
        var violation = schedule.RunToTheEnd();
        var world = schedule._world;
        if (violation is not null)
            world.Trace.Say("sim", $"VIOLATION of {violation.Message}");
        return new SeedResult(
            seed, world.Schedule.Events, world.Faults, schedule._producers.Sum(producer => producer.Confirmed), world.Trace.Hash, violation);
    }

    private Violation? RunToTheEnd()
    {
        try
        {
            Storm();
            Recover();
            ComeToRest();
            return null;
        }
        catch (Violation violation)
        {
            return violation;
        }
        catch (InvariantViolation broken)
        {
            return new Violation("The Rules' Own Assertions", broken.Message);
        }
        catch (Exception unexpected) when (unexpected is not OperationCanceledException)
        {
            return new Violation("Nothing Throws", unexpected.ToString());
        }
    }

    private void Storm()
    {
        foreach (var node in _cluster.Nodes)
            _world.Schedule.After(_random.Between(TimeSpan.Zero, _world.Profile.StartWithin), () => node.Start());
        StartClients();
        foreach (var (queue, options) in _queues)
            NewClient().Ask(new DeclareQueue(queue, options), reply => reply is Declared);
        PlanRead();
        _faults.Start();
        _world.Schedule.RunUntil(_world.Profile.StormLength, () => false);
    }

    private void Recover()
    {
        _world.Trace.Say("sim", $"the storm is over");
        _faults.Heal();
        var before = _producers.Sum(producer => producer.Confirmed);
        var isConfirmed = _world.Schedule.RunUntil(_world.Now + RecoveryBound, () => _producers.Sum(producer => producer.Confirmed) > before);
        if (!isConfirmed)
            throw new Violation("Progress", $"{RecoveryBound.TotalSeconds} s after the last fault {(_cluster.Leader is { } leader ? $"{leader.Node} leads, but" : "nobody leads, and")} no send is confirmed");
    }

    private void ComeToRest()
    {
        _isClosing = true;
        foreach (var producer in _producers)
            producer.Stop();
        if (!_world.Schedule.RunUntil(_world.Now + RestBound, IsAtRest))
            throw new Violation("Progress", $"{RestBound.TotalSeconds} s after the clients stopped not every member has applied the same: {Describe()}");
        CompareMachines();
        _world.Referee.Closed();
    }

    private bool IsAtRest()
    {
        // Looking at every node after every event would cost more than the events.
        if (_world.Schedule.Events % 64 != 0 || !_producers.TrueForAll(producer => producer.IsIdle))
            return false;
        return _cluster.Leader is { } leader && !_cluster.IsShortOfData() && Members(leader).All(node =>
            node.Life is { } life && life.Machine.Queues.AppliedIndex == leader.Replica.Log.LastIndex);
    }

    private void CompareMachines()
    {
        foreach (var node in Members(_cluster.Leader!))
        {
            var machine = node.Life!.Machine.Queues;
            _world.Referee.Digested(node.Witness, machine.AppliedIndex, machine.Digest());
            foreach (var (queue, _) in _queues)
            {
                if (machine.Query(new GetQueueStats(queue)) is QueueStats stats)
                    _world.Referee.Queues.AtRest(stats);
            }
        }
    }

    private IEnumerable<SimulatedNode> Members(Life leader) => leader.Replica.Log.Configuration.Members.Select(member => _cluster[member.Id]);

    private string Describe() => string.Join("; ", _cluster.Nodes.Select(node => node.Life is { } life
        ? $"{node} {life.Replica.Role} of term {life.Replica.CurrentTerm}, applied {life.Machine.Queues.AppliedIndex} of {life.Replica.Log.LastIndex}"
        : $"{node} is down"));

    private void StartClients()
    {
        var profile = _world.Profile;
        for (var i = 0; i < profile.Producers; i++)
            _producers.Add(new Producer(NewClient(), _world.Referee, Names[i % Names.Length], profile.ThinkTime));
        for (var i = 0; i < profile.Consumers; i++)
            _consumers.Add(new Consumer(NewClient(), _world.Referee, Names[i % Names.Length]));
        if (profile.Demanding is { } options)
            ServeDemandingQueue(options);
        foreach (var producer in _producers)
            producer.Start();
        foreach (var consumer in _consumers)
            consumer.Start();
        new Puller(NewClient(), _world.Referee, Names[^1]).Start();
    }

    private void ServeDemandingQueue(QueueOptions options)
    {
        _queues.AddRange([(DemandingQueue.Name, options), (DemandingQueue.DeadLetters, QueueOptions.Default)]);
        _producers.Add(new Producer(NewClient(), _world.Referee, DemandingQueue.Name, _world.Profile.ThinkTime, isDemanding: true));
        _consumers.Add(new Consumer(NewClient(), _world.Referee, DemandingQueue.Name, rejects: 0.15));
        _consumers.Add(new Consumer(NewClient(), _world.Referee, DemandingQueue.DeadLetters));
    }

    private void PlanRead() => _world.Schedule.After(_random.Between(TimeSpan.Zero, _world.Profile.ReadEvery * 2), () =>
    {
        if (_isClosing)
            return;

        // Of any node that takes itself for the leader: a deposed one must not answer.
        if (_cluster.Nodes.Where(node => node.Life is { IsLeader: true }).ToList() is { Count: > 0 } leaders)
        {
            var (node, id) = (_random.Pick(leaders), ++_reads);
            _world.Referee.ReadAsked(node.Witness, id);
            node.Life!.Soon(TimeSpan.Zero, life => life.Hear(new Input.Read(id)));
        }

        PlanRead();
    });

    private ClientView NewClient() => new(_world.Clients, _world.Schedule, _random.Fork());

    /// <inheritdoc />
    public override string ToString() => $"seed {_seed}";
}
