using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.Rig;

/// <summary>
/// Some servers, a network that a test delivers by hand (or lets run by the clock), and witnesses that check Raft's promises at every step. One seed gives one history.
/// </summary>
internal sealed class Cluster
{
    public const int ChunkBytes = 8;
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<NodeId, Server> _servers = [];
    private readonly List<(TimeSpan Due, Envelope Envelope)> _network = [];
    private readonly HashSet<(NodeId From, NodeId To)> _cut = [];
    private readonly Random _random;
    private int _lives;
    private long _requests;

    private Cluster(int seed) => _random = new Random(seed);

    public GroupId Group { get; } = new(0);

    public TimeSpan Now { get; private set; } = TimeSpan.FromHours(1);

    public Witness Witness { get; } = new();

    public IReadOnlyCollection<Server> Servers => _servers.Values;

    public IEnumerable<Envelope> Network => _network.Select(post => post.Envelope);

    public Server this[string node] => _servers[new NodeId(node)];

    /// <summary>The one leader of the highest term that is up; null when there is none.</summary>
    public Server? Leader => _servers.Values.Where(server => server.IsUp && server.Replica.Role == Role.Leader).MaxBy(server => server.Replica.CurrentTerm);

    /// <summary>Voters that start together, with empty data.</summary>
    public static Cluster Of(params string[] nodes) => Seeded(1, nodes);

    public static Cluster Seeded(int seed, params string[] nodes) => Configured(seed, new RaftOptions(), nodes);

    public static Cluster Configured(int seed, RaftOptions options, params string[] nodes)
    {
        var cluster = Blank(seed, options, nodes);
        var first = new Configuration(cluster.Servers.Select(server => new Member(server.Node, server.Incarnation, MemberKind.Voter)));
        foreach (var server in cluster.Servers)
            server.Start([new Bootstrapped(first)]);
        return cluster;
    }

    /// <summary>Servers on their first day, that are to found a group of these; none of them has started.</summary>
    public static Cluster Blank(int seed, RaftOptions options, params string[] nodes)
    {
        var cluster = new Cluster(seed);
        foreach (var name in nodes)
            cluster.Create(name, options with { FirstMembers = [.. nodes.Select(node => new NodeId(node))] });
        return cluster;
    }

    /// <summary>Voters that do not know one another's incarnations yet, as on the first day of a real cluster.</summary>
    public static Cluster Strangers(int seed, RaftOptions options, params string[] nodes)
    {
        var cluster = new Cluster(seed);
        foreach (var name in nodes)
            cluster.Join(name, VotersOf(nodes), options);
        return cluster;
    }

    /// <summary>Three voters, the first of which leads an established term.</summary>
    public static Cluster Led(params string[] nodes)
    {
        var cluster = Of(nodes);
        cluster.Elect(nodes[0]);
        return cluster;
    }

    /// <summary>A server more, which waits to be added unless it is given a configuration.</summary>
    public Server Join(string name, Configuration? first = null, RaftOptions? options = null)
    {
        var server = Create(name, options ?? new RaftOptions());
        server.Start([new Bootstrapped(first ?? Configuration.Empty)]);
        return server;
    }

    /// <summary>A server that starts with this history in its journal.</summary>
    public void Remembers(string name, params IRaftEvent[] events)
    {
        this[name].Crash();
        this[name].Start(events);
    }

    public void Crash(string name) => this[name].Crash();

    public void Restart(string name)
    {
        this[name].Crash();
        this[name].Start();
    }

    /// <summary>The data directory is emptied, and the server started as on its first day, with the members that it was given then.</summary>
    public void Wipe(string name)
    {
        this[name].Crash();
        this[name].Format();
        this[name].Start();
    }

    public void Post(Envelope envelope)
    {
        Witness.Sent(envelope);
        if (!_cut.Contains((envelope.From, envelope.To)))
            _network.Add((Now + TimeSpan.FromMilliseconds(0.5 + (_random.NextDouble() * 4)), envelope));
    }

    public void Cut(string from, string to) => _cut.Add((new NodeId(from), new NodeId(to)));

    public void Isolate(params string[] side)
    {
        var nodes = side.Select(name => new NodeId(name)).ToHashSet();
        foreach (var one in _servers.Keys.Where(nodes.Contains))
        {
            foreach (var other in _servers.Keys.Where(node => !nodes.Contains(node)))
            {
                _cut.Add((one, other));
                _cut.Add((other, one));
            }
        }
    }

    public void Heal() => _cut.Clear();

    /// <summary>What is on its way is lost.</summary>
    public void Lose(Predicate<Envelope>? which = null) => _network.RemoveAll(post => which is null || which(post.Envelope));

    /// <summary>Takes messages out of the network, for the test to deliver when it likes.</summary>
    public IReadOnlyList<Envelope> Intercept(Predicate<Envelope> which)
    {
        var taken = Network.Where(envelope => which(envelope)).ToList();
        Lose(which);
        return taken;
    }

    public void Deliver(Envelope envelope)
    {
        if (_servers.TryGetValue(envelope.To, out var server) && server.IsUp)
            server.Take(new Input.Received(envelope));
    }

    /// <summary>Delivers in the order of sending until nothing is on its way.</summary>
    public void DeliverAll()
    {
        for (var count = 0; _network.Count > 0; count++)
        {
            Assert.True(count < 100_000, "The servers never stop talking.");
            var envelope = _network[0].Envelope;
            _network.RemoveAt(0);
            Deliver(envelope);
        }
    }

    public void Wait(TimeSpan time) => Now += time;

    /// <summary>The election timer of one server fires, and all is delivered: it wins if it can.</summary>
    public void Elect(string name)
    {
        // The others have not heard a leader for long enough to be free.
        Wait(this[name].Options.MinElectionTimeout * 2);
        this[name].Take(new Input.ElectionTimeout());
        DeliverAll();
    }

    /// <summary>The leader's heartbeat timer fires, a few times, and all is delivered.</summary>
    public void Beat(string name, int times = 1)
    {
        for (var beat = 0; beat < times && this[name].Replica.Role == Role.Leader; beat++)
        {
            Wait(HeartbeatInterval);
            this[name].Beat();
            DeliverAll();
        }
    }

    public void Propose(string name, params string[] commands) =>
        this[name].Take(new Input.Propose([.. commands.Select(command => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(command))], new LogTime((long)Now.TotalMilliseconds)));

    /// <summary>Proposes, and delivers everything.</summary>
    public void Commit(string name, params string[] commands)
    {
        Propose(name, commands);
        DeliverAll();
    }

    /// <summary>Asks for a change of members and lets it happen; gives the answer, or null while there is none.</summary>
    public string? Change(string name, MembershipChange change)
    {
        var request = ++_requests;
        this[name].Take(new Input.ChangeMembers(request, change, new LogTime((long)Now.TotalMilliseconds)));
        DeliverAll();
        return Answer(name, request);
    }

    public string? Transfer(string name, string? target)
    {
        var request = ++_requests;
        this[name].Take(new Input.Transfer(request, target is null ? null : new NodeId(target)));
        DeliverAll();
        return Answer(name, request);
    }

    /// <summary>How the latest request ended; null while it has not.</summary>
    public string? LastAnswer(string name) => Answer(name, _requests);

    /// <summary>Lets the clock run: timers fire and messages arrive when they are due.</summary>
    public void Run(TimeSpan time, Func<bool>? until = null)
    {
        var end = Now + time;
        while (until is null || !until())
        {
            var (due, act) = NextEvent();
            if (due > end)
                break;
            Now = due > Now ? due : Now;
            act();
        }

        if (until is null)
            Now = end;
    }

    public TimeSpan DrawElectionTimeout() => TimeSpan.FromMilliseconds(400 + _random.Next(400));

    public int NextLife() => ++_lives;

    private static Configuration VotersOf(string[] nodes) => Configuration.OfVoters(nodes.Select(name => new NodeId(name)));

    private Server Create(string name, RaftOptions options)
    {
        var server = new Server(this, new NodeId(name)) { Options = options };
        _servers[server.Node] = server;
        server.Format();
        return server;
    }

    private string? Answer(string name, long request) =>
        this[name].Effects.OfType<Effect.RequestEnded>().SingleOrDefault(ended => ended.RequestId == request)?.Refusal;

    private (TimeSpan Due, Action Act) NextEvent()
    {
        (TimeSpan Due, Action Act) first = (TimeSpan.MaxValue, () => { });
        foreach (var post in _network)
        {
            if (post.Due < first.Due)
                first = (post.Due, () => Arrive(post));
        }

        foreach (var server in _servers.Values)
        {
            if (server.ElectionDue is { } election && election < first.Due)
                first = (election, () => server.Take(new Input.ElectionTimeout()));
            if (server.HeartbeatDue is { } heartbeat && heartbeat < first.Due)
                first = (heartbeat, server.Beat);
        }

        return first;
    }

    private void Arrive((TimeSpan Due, Envelope Envelope) post)
    {
        _network.Remove(post);
        if (!_cut.Contains((post.Envelope.From, post.Envelope.To)))
            Deliver(post.Envelope);
    }
}
