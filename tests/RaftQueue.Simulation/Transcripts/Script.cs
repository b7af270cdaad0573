using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Checkers;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Mutations;
using RaftQueue.Simulation.Network;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Transcripts;

/// <summary>
/// A schedule driven by hand: the same nodes, network and checkers as in a simulation, but no timer fires and nothing fails unless the script says so. What happens is
/// written down in plain words.
/// </summary>
public sealed class Script
{
    private static readonly TimeSpan ElectionTimeout = TimeSpan.FromMilliseconds(150);
    private readonly StringBuilder _text = new();
    private readonly World _world;
    private readonly Cluster _cluster;
    private long _requests;
    private int _commands;

    /// <summary>A group of so many nodes, all started, and spares that wait to be added.</summary>
    public Script(int nodes, int spares = 0, RaftOptions? options = null, bool isFounded = true)
    {
        var (schedule, faults, random) = (new Schedule(), new FaultCounts(), new SeededRandom(1));
        var cluster = default(Cluster);
        var profile = new FaultProfile
        {
            Nodes = nodes,
            Spares = spares,
            IsFounded = isFounded,
            Retention = new RetentionSettings(SnapshotEntries: int.MaxValue, SnapshotBytes: long.MaxValue, KeptLogBytes: 0, CheckpointBytes: long.MaxValue),
            Options = (options ?? new RaftOptions()) with { MinElectionTimeout = ElectionTimeout, PromotionLag = 0 },
        };
        _world = new World
        {
            Schedule = schedule,
            Trace = new Trace(schedule, (_, who, text) => _text.Append(who.PadRight(4)).AppendLine(text)),
            Random = random,
            Profile = profile,
            Disk = new DiskWear(TimeSpan.FromMilliseconds(0.4), TimeSpan.FromMilliseconds(0.4), 0, 0, 0),
            Faults = faults,
            Network = new SimulatedNetwork(schedule, random.Fork(), faults, envelope => cluster!.Deliver(envelope)) { Weather = NetworkWeather.Still },
            Clients = new ClientLine(schedule, random.Fork(), faults),
            Referee = new Referee(() => schedule.Now, profile),
            Rules = Mutation.None,
            HasTimers = false,
        };
        _cluster = cluster = new Cluster(_world);
        _cluster.StartAll();
        Wait();
    }

    /// <summary>The transcript so far.</summary>
    public string Text => _text.ToString();

    /// <summary>Says what comes, in a sentence.</summary>
    public void Tell(string sentence) => _text.AppendLine().Append("-- ").AppendLine(sentence).AppendLine();

    /// <summary>So much time passes that nobody owes the old leader loyalty any more.</summary>
    public void Wait() => _world.Schedule.RunUntil(_world.Now + ElectionTimeout * 2, () => false);

    /// <summary>A node's election timer fires, and all that follows happens.</summary>
    public void Timeout(string node)
    {
        Life(node).FireElectionTimer();
        Run();
    }

    /// <summary>Several nodes' election timers fire at the same instant; the schedule stops when all of them campaign, before their requests have left.</summary>
    public void TimeoutUntilAllCampaign(params string[] nodes)
    {
        foreach (var node in nodes)
            Life(node).FireElectionTimer();
        if (!_world.Schedule.RunUntil(
            _world.Now + TimeSpan.FromSeconds(1), () => nodes.All(node => Life(node).Replica.Candidacy is { IsPreVote: false })))
            throw new InvalidOperationException("The script expects all of them to campaign, but they do not.");
    }

    /// <summary>Everything that is on its way arrives, and all that follows happens.</summary>
    public void GoOn() => Run();

    /// <summary>A node's election timer fires; the schedule stops when that node leads, before anybody has heard of it.</summary>
    public void TimeoutUntilElected(string node)
    {
        var life = Life(node);
        life.FireElectionTimer();
        if (!_world.Schedule.RunUntil(_world.Now + TimeSpan.FromSeconds(1), () => life.IsLeader))
            throw new InvalidOperationException($"The script expects {node} to be elected, but it was not.");
    }

    /// <summary>A leader's heartbeat is due.</summary>
    public void Heartbeat(string node)
    {
        Life(node).Hear(new Input.Heartbeat());
        Run();
    }

    /// <summary>A leader's heartbeat is due; the schedule stops when the condition holds.</summary>
    public void HeartbeatUntil(string node, Func<bool> isEnough)
    {
        Life(node).Hear(new Input.Heartbeat());
        if (!_world.Schedule.RunUntil(_world.Now + TimeSpan.FromSeconds(1), isEnough))
            throw new InvalidOperationException($"What the script waits for after the heartbeat of {node} did not happen.");
    }

    /// <summary>A client asks a node to append a command.</summary>
    public void Propose(string node)
    {
        var command = CommandCodec.Encode(new DeclareQueue(new QueueName($"queue-{++_commands}"), QueueOptions.Default));
        Life(node).Hear(new Input.Propose([command], Life(node).WallNow));
        Run();
    }

    /// <summary>A client asks a node for a linearizable read.</summary>
    public void Read(string node)
    {
        _world.Referee.ReadAsked(_cluster[new NodeId(node)].Witness, ++_requests);
        Life(node).Hear(new Input.Read(_requests));
        Run();
    }

    /// <summary>An operator asks for a transfer.</summary>
    public void Transfer(string node, string target)
    {
        Life(node).Hear(new Input.Transfer(++_requests, new NodeId(target)));
        Run();
    }

    /// <summary>An operator asks for another member.</summary>
    public void Add(string leader, string node) =>
        Change(leader, new MembershipChange.Add(new NodeId(node), _cluster[new NodeId(node)].Disk.Incarnation));

    /// <summary>An operator asks to take a member out.</summary>
    public void Remove(string leader, string node) => Change(leader, new MembershipChange.Remove(new NodeId(node)));

    /// <summary>A node takes a snapshot of its machine.</summary>
    public void Snapshot(string node)
    {
        var life = Life(node);
        life.Snapshots.Take(life.Machine.Queues.AppliedIndex);
        Run();
    }

    /// <summary>A node crashes.</summary>
    public void Crash(string node) => _cluster[new NodeId(node)].Crash("the power is cut");

    /// <summary>A node starts.</summary>
    public void Start(string node)
    {
        if (!_cluster[new NodeId(node)].Start())
            throw new InvalidOperationException($"The script expects {node} to start.");
    }

    /// <summary>A node loses its disk and comes back with an empty one.</summary>
    public void LoseDisk(string node)
    {
        _cluster.LoseData(_cluster[new NodeId(node)]);
        Start(node);
    }

    /// <summary>Nothing passes between these two groups of nodes any more.</summary>
    public void Part(string[] some, string[] others)
    {
        foreach (var (one, other) in some.SelectMany(one => others.Select(other => (new NodeId(one), new NodeId(other)))))
        {
            _world.Network.Cut(one, other);
            _world.Network.Cut(other, one);
        }

        _text.AppendLine($"net parts {string.Join(" ", some)} from {string.Join(" ", others)}");
    }

    /// <summary>Nothing passes from one node to another any more; the other way it does.</summary>
    public void Mute(string from, string to)
    {
        _world.Network.Cut(new NodeId(from), new NodeId(to));
        _text.AppendLine($"net lets nothing pass from {from} to {to}");
    }

    /// <summary>All links are mended.</summary>
    public void Heal()
    {
        _world.Network.Heal();
        _text.AppendLine("net heals");
    }

    /// <summary>Writes down where everybody is.</summary>
    public void Table()
    {
        _text.AppendLine().AppendLine("     node  role       term  log (index:term)                        commit  machine");
        foreach (var node in _cluster.Nodes)
        {
            _text.AppendLine(node.Life is { Replica: var replica } life
                ? $"     {node,-5} {Wording.RoleOf(replica).Split(' ')[0],-10} {replica.CurrentTerm,4}  {LogOf(replica),-40} {replica.CommitIndex,5}  {life.Machine.Queues.AppliedIndex,6}"
                : $"     {node,-5} (down)");
        }

        _text.AppendLine();
    }

    /// <summary>Whether a node's log ends at this index.</summary>
    public bool Ends(string node, long index) => Life(node).Replica.Log.LastIndex.Value == index;

    /// <summary>The script's claim: it must hold, or the transcript is not written.</summary>
    public void Require(bool holds, string claim)
    {
        if (!holds)
            throw new InvalidOperationException($"The script claims that {claim}; it is not so:\n{Text}");
    }

    /// <summary>Whether a node leads.</summary>
    public bool Leads(string node) => Life(node).IsLeader;

    /// <summary>What a node knows as committed.</summary>
    public long CommitOf(string node) => Life(node).Replica.CommitIndex.Value;

    private static string LogOf(Replica replica)
    {
        var entries = new List<string>();
        if (replica.Log.Snapshot.LastIncludedIndex > LogIndex.Zero)
            entries.Add($"[snapshot {replica.Log.Snapshot.LastIncludedIndex}]");
        for (var index = replica.Log.FirstIndex; index <= replica.Log.LastIndex; index = index.Next)
            entries.Add($"{index}:{replica.Log.TermAt(index)}");
        return string.Join(" ", entries);
    }

    private void Change(string leader, MembershipChange change)
    {
        Life(leader).Hear(new Input.ChangeMembers(++_requests, change, Life(leader).WallNow));
        Run();
    }

    private void Run() => _world.Schedule.RunDry();

    private Life Life(string node) =>
        _cluster[new NodeId(node)].Life ?? throw new InvalidOperationException($"The script speaks to {node}, which is down.");
}
