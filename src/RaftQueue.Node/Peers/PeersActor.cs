using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Peers;

/// <summary>
/// The only way to other nodes: carries envelopes out, and hands what comes in to the replica of the group. It knows where nodes are because they introduce
/// themselves; whom to introduce itself to it learns from the seed nodes and from Akka.Cluster. It never decides who votes. A connection that stays silent it has made anew.
/// </summary>
/// <remarks>
/// Introductions do not wait for the cluster to form: with the first seed node gone, the others could not form one, but a majority of them must still be able
/// to elect a leader.
/// </remarks>
internal sealed class PeersActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan IntroductionInterval = TimeSpan.FromMilliseconds(500);

    // Far more than a cluster has, its past members included; without a bound, whoever reaches the port could fill the memory with names.
    private const int MaxNodes = 256;

    private readonly NodeId _self;
    private readonly Introduction _introduction;
    private readonly TerminationSignal _signal;
    private readonly TimeSpan _startedAt;
    private readonly HashSet<string> _namesakes = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<GroupId, IActorRef> _groups = [];
    private readonly Dictionary<NodeId, IActorRef> _peers = [];
    private readonly HashSet<Address> _contacts;
    private readonly HashSet<NodeId> _heard = [];
    private readonly HashSet<NodeId> _strangers = [];
    private readonly Silences _silences = new(Random.Shared.NextDouble);
    private readonly ThrottledLog _warnings;
    private readonly PeerOutages _outages;
    private readonly IActorRef _gateway;
    private readonly TransportPeers _nodes;
    private ImmutableDictionary<NodeId, KnownNode> _directory;

    /// <param name="self">This node.</param>
    /// <param name="incarnation">The life of its data.</param>
    /// <param name="groups">The number of Raft groups, which is the same on all nodes of a cluster.</param>
    /// <param name="gateway">Also wants to know where the nodes are.</param>
    /// <param name="signal">Where it reports that another node has this one's name.</param>
    public PeersActor(NodeId self, Incarnation incarnation, int groups, IActorRef gateway, TerminationSignal signal)
    {
        var cluster = Cluster.Get(Context.System);
        (_self, _gateway, _signal, _startedAt) = (self, gateway, signal, Now);
        _warnings = new ThrottledLog(_log, TimeProvider.System);
        _outages = new PeerOutages(_log);
        _introduction = new Introduction(self, incarnation, cluster.SelfAddress.ToString(), IsAnswerWanted: true, Groups: groups);
        _nodes = TransportPeers.Of(Context.System);
        _contacts = [.. cluster.Settings.SeedNodes.Where(seed => seed != cluster.SelfAddress)];
        _directory = ImmutableDictionary<NodeId, KnownNode>.Empty.Add(
            self, new KnownNode(new NodeAddress(self, _introduction.Address), incarnation));

        TellTransport();

        Receive<Envelope>(Carry);
        Receive<GroupStarted>(Register);
        Receive<Terminated>(gone => Unregister(gone.ActorRef));
        Receive<Introduction>(Meet);
        Receive<IntroduceMyself>(_ => SpeakToTheSilent());
        Receive<ClusterEvent.IMemberEvent>(changed => Hear(changed.Member));
        Receive<ClusterEvent.CurrentClusterState>(state => state.Members.ToList().ForEach(Hear));
        Receive<ClusterEvent.UnreachableMember>(lost => Lose(lost.Member.Address));
        Receive<DisassociatedEvent>(lost => Lose(lost.RemoteAddress));
        Receive<AssociationErrorEvent>(lost => Lose(lost.RemoteAddress));
        Receive<ConnectFailed>(failed => _outages.Failed(failed.Failure.Address, failed.Failure.Reason));
        Receive<PeerGreeted>(OnGreeted);
        Receive<Unreadable>(unreadable => _warnings.Warning(
            "unreadable", Sender.Path.Address.Host, $"{Sender.Path.Address} sent what cannot be read: {unreadable.Refusal.Message}"));
    }

    private TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    private TimeSpan Uptime => Now - _startedAt;

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart()
    {
        Cluster.Get(Context.System).Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.UnreachableMember));
        Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));
        Context.System.EventStream.Subscribe(Self, typeof(AssociationErrorEvent));
        Context.System.EventStream.Subscribe(Self, typeof(ConnectFailed));
        Context.System.EventStream.Subscribe(Self, typeof(PeerGreeted));
        Timers.StartPeriodicTimer("introduce", IntroduceMyself.Instance, TimeSpan.Zero, IntroductionInterval);
        _gateway.Tell(new DirectoryChanged(_directory));
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        Cluster.Get(Context.System).Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }

    private void Carry(Envelope envelope)
    {
        if (envelope.To != _self)
        {
            // A node that is not known yet misses the message; Raft repeats what matters. Only our own replicas send from here: a node is nobody's relay.
            if (Sender.Path.Address.HasLocalScope && _peers.TryGetValue(envelope.To, out var peer))
                peer.Tell(envelope);
        }
        else if (!_strangers.Contains(envelope.From) && _groups.TryGetValue(envelope.Message.Group, out var raft))
        {
            if (_directory.ContainsKey(envelope.From))
                _heard.Add(envelope.From);
            raft.Tell(envelope);
        }
    }

    private void Register(GroupStarted started)
    {
        _groups[started.Group] = started.Raft;
        Context.Watch(started.Raft);
        started.Raft.Tell(new DirectoryChanged(_directory));
    }

    private void Unregister(IActorRef raft)
    {
        foreach (var (group, registered) in _groups.ToList())
        {
            if (registered.Equals(raft))
                _groups.Remove(group);
        }
    }

    private void Meet(Introduction other)
    {
        if (other.Node == _self)
        {
            if (other.Address != _introduction.Address)
                MeetNamesake(other);
            return;
        }

        if (other.IsAnswerWanted)
            Sender.Tell(Introduce(isAnswerWanted: false));
        if (FixedSettings.PeerObjection(_introduction.Groups, other.Groups) is { } objection)
        {
            Refuse(other, objection);
            return;
        }

        _strangers.Remove(other.Node);
        var known = new KnownNode(new NodeAddress(other.Node, other.Address), other.Incarnation);
        var isKnown = _directory.TryGetValue(other.Node, out var before);
        if (isKnown)
            _heard.Add(other.Node);
        if (other.HearsNothing && before == known && Sender.Path.Address.ToString() == other.Address)
            ConnectAnew(other.Address);
        if (isKnown && before == known)
            return;
        if (!isKnown && _directory.Count >= MaxNodes)
        {
            _warnings.Warning(
                "not taken in",
                null,
                $"Node {other.Node} at {other.Address} is not taken in: {MaxNodes} nodes are known already, as many as may be. " +
                "Restart this node to forget those that are gone.");
            return;
        }

        // Whoever is still where the name was until now hears of it from the one that has it now, and the two find out which of them is to
        // stop.
        if (isKnown && before!.Address.Address != other.Address)
            RefAt(before.Address.Address).Tell(other with { IsAnswerWanted = true }, Sender);
        _warnings.Log(LogLevel.InfoLevel, "node", other.Node.Value, $"Node {other.Node} is at {other.Address}");
        _directory = _directory.SetItem(other.Node, known);
        _peers[other.Node] = RefAt(other.Address);
        TellTransport();
        TellDirectory();
    }

    // A node with another number of groups would keep queues elsewhere. Nothing is said to it or heard from it but introductions, until it
    // has the right one.
    private void Refuse(Introduction other, string objection)
    {
        _warnings.Log(LogLevel.ErrorLevel, "groups", other.Node.Value, $"Node {other.Node} at {other.Address} is not spoken to: {objection}.");
        if (_strangers.Count < MaxNodes)
            _strangers.Add(other.Node);
        if (!_directory.ContainsKey(other.Node))
            return;
        _directory = _directory.Remove(other.Node);
        _peers.Remove(other.Node);
        _heard.Remove(other.Node);
        TellTransport();
        TellDirectory();
    }

    private void TellDirectory()
    {
        var changed = new DirectoryChanged(_directory);
        _gateway.Tell(changed);
        foreach (var raft in _groups.Values)
            raft.Tell(changed);
    }

    // Of two nodes of one name the younger stops. It believes only an answer to its own words: what comes unasked may be the last word of a
    // process that is gone, whose place this one has taken. An uptime is never more than what it is when it arrives, so never do both stop;
    // and should both have started in the same moment, they ask again twice a second until one message is faster than the difference.
    private void MeetNamesake(Introduction other)
    {
        if (_namesakes.Count < MaxNodes && _namesakes.Add(other.Address))
            _log.Error("Another node at {0} also calls itself {1}. Every node needs a name of its own: raftqueue.node.", other.Address, _self);
        if (other.IsAnswerWanted)
        {
            Sender.Tell(Introduce(isAnswerWanted: false));
            if (other.Uptime > Uptime)
                Sender.Tell(Introduce(isAnswerWanted: true));
        }
        else if (other.Uptime > Uptime)
        {
            _signal.Fail(
                NodeTerminationCause.NameTaken,
                $"another node, at {other.Address}, is called {_self} as well and has been running for longer ({other.Uptime:d\\.hh\\:mm\\:ss}), " +
                $"so this one, at {_introduction.Address}, stops. Every node needs a name of its own (raftqueue.node); stop the other one first, " +
                "if this one is to take its place.");
        }
    }

    private Introduction Introduce(bool isAnswerWanted) => _introduction with { IsAnswerWanted = isAnswerWanted, Uptime = Uptime };

    // Those of which nothing was heard since the last time, or ever. Only contacts: whoever introduces itself cannot make us knock at any door it names.
    private void SpeakToTheSilent()
    {
        var heard = _heard.Select(node => _directory[node].Address.Address).ToHashSet();
        _heard.Clear();
        foreach (var address in _contacts.Select(contact => contact.ToString()))
        {
            if (heard.Contains(address))
            {
                _silences.Broken(address);
                _outages.Heard(address, NameAt(address), Now);
                continue;
            }

            _outages.Silent(address, NameAt(address), Now);
            var remedy = _silences.Treat(address, Now);
            if (remedy == Remedy.ConnectAnew)
                ConnectAnew(address);
            RefAt(address).Tell(Introduce(isAnswerWanted: true) with { HearsNothing = remedy == Remedy.Complain });
        }
    }

    // To quarantine an address without naming a life of it closes its connections, in whatever state they are, and bars nobody.
    private void ConnectAnew(string address)
    {
        if (!_silences.MayConnectAnew(address, Now))
            return;
        _log.Debug("Node at {0}: nothing passes to or fro; a connection that is there is made anew", address);
        ((IRemoteActorRefProvider)((ExtendedActorSystem)Context.System).Provider).Quarantine(Address.Parse(address), uid: null);
    }

    private void Hear(Akka.Cluster.Member member)
    {
        if (member.Address == Cluster.Get(Context.System).SelfAddress)
            return;
        if (member.Status == MemberStatus.Removed)
            Forget(member.Address);
        else if (_contacts.Add(member.Address))
            RefAt(member.Address.ToString()).Tell(Introduce(isAnswerWanted: true));
        TellTransport();
    }

    // A seed may be named by any name or address of its machine, and may be this node itself. It takes messages only where it says that it
    // is.
    private void OnGreeted(PeerGreeted greeted)
    {
        if (!_contacts.Contains(greeted.Dialled) || greeted.Own == greeted.Dialled)
            return;
        if (greeted.Own.System != greeted.Dialled.System)
        {
            var reason = $"what runs there is of the actor system \"{greeted.Own.System}\", and this node of \"{Context.System.Name}\"";
            _outages.Failed(greeted.Dialled.ToString(), reason);
            return;
        }

        Forget(greeted.Dialled);
        if (greeted.Own.ToString() != _introduction.Address && _contacts.Add(greeted.Own))
            RefAt(greeted.Own.ToString()).Tell(Introduce(isAnswerWanted: true));
        TellTransport();
    }

    private void Forget(Address contact)
    {
        _contacts.Remove(contact);
        _outages.Forget(contact.ToString());
    }

    private string NameAt(string address) =>
        _directory.Values.FirstOrDefault(node => node.Address.Address == address) is { } known ? $"node {known.Address.Node}" : "the node";

    private void TellTransport() => _nodes.Set(
        _contacts.Concat(_directory.Values.Select(node => ActorPath.TryParseAddress(node.Address.Address, out var address) ? address : null).OfType<Address>()));

    private void Lose(Address address)
    {
        foreach (var node in _directory.Values.Where(node => node.Address.Node != _self && node.Address.Address == address.ToString()))
        {
            foreach (var raft in _groups.Values)
                raft.Tell(new Input.PeerLost(node.Address.Node));
        }
    }

    // Without a uid in its path the reference outlives a restart of the other node.
    private IActorRef RefAt(string address) =>
        ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef($"{address}{Self.Path.ToStringWithoutAddress()}");

    private sealed class IntroduceMyself
    {
        public static readonly IntroduceMyself Instance = new();
    }
}
