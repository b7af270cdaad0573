using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Nodes;

/// <summary>All the servers of a schedule: those that form the group, and spares that may join it.</summary>
public sealed class Cluster
{
    private readonly World _world;
    private readonly Dictionary<NodeId, SimulatedNode> _byName = [];
    private readonly HashSet<NodeId> _withoutData = [];

    /// <summary>Prepares the nodes of a world's profile; none of them runs yet.</summary>
    public Cluster(World world)
    {
        _world = world;
        var (nodes, spares) = (world.Profile.Nodes, world.Profile.Spares);
        var names = Enumerable.Range(1, nodes + spares).Select(number => new NodeId($"n{number}")).ToList();
        FirstMembers = Configuration.OfVoters(names.Take(nodes));
        foreach (var name in names)
            Add(name, isMember: Nodes.Count < nodes);
    }

    /// <summary>The nodes, in the order of their numbers.</summary>
    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>Who forms the group at first.</summary>
    public Configuration FirstMembers { get; }

    /// <summary>The node of this name.</summary>
    public SimulatedNode this[NodeId name] => _byName[name];

    /// <summary>The life that leads the latest term, or null.</summary>
    public Life? Leader
    {
        get
        {
            Life? latest = null;
            foreach (var node in Nodes)
            {
                if (node.Life is { IsLeader: true } life && (latest is null || life.Replica.CurrentTerm > latest.Replica.CurrentTerm))
                    latest = life;
            }

            return latest;
        }
    }

    /// <summary>Starts every node that has data and is down.</summary>
    public void StartAll()
    {
        foreach (var node in Nodes)
            node.Start();
    }

    /// <summary>A message arrives.</summary>
    public void Deliver(Envelope envelope) =>
        _byName[envelope.To].Life?.Soon(TimeSpan.Zero, life => life.Hear(new Input.Received(envelope)));

    /// <summary>
    /// Whether this node's data may be lost without a confirmed message being lost rightly: everyone agrees on the members, at least three of them vote, all lives are
    /// written down in the log, and nobody else's data is missing. Beyond that no consensus can help.
    /// </summary>
    public bool MayLoseData(SimulatedNode node)
    {
        ForgetReadmitted();
        if (_withoutData.Count > 0 || Leader is not { } leader)
            return false;
        var log = leader.Replica.Log;
        var members = log.Configuration;
        return log.ConfigurationIndex <= leader.Replica.CommitIndex
            && members.Voters.Count() >= 3
            && members.Members.All(member => member.Incarnation.IsKnown)
            && (members.Find(node.Id) is { } own ? own.Incarnation == node.Disk.Incarnation : node.Disk.IsFresh)
            && members.Members.All(member => AgreesOn(members, member.Id));
    }

    /// <summary>A node loses its data, and comes back as one that waits to be taken in.</summary>
    public void LoseData(SimulatedNode node)
    {
        node.Crash("its data is wiped");
        node.Disk.Wipe(new Incarnation(_world.Random.NextGuid()));
        node.Bootstrap(Configuration.Empty);
        _withoutData.Add(node.Id);
    }

    /// <summary>Whether some node's data is missing and it was not taken in again yet.</summary>
    public bool IsShortOfData()
    {
        ForgetReadmitted();
        return _withoutData.Count > 0;
    }

    private bool AgreesOn(Configuration members, NodeId name)
    {
        var node = _byName[name];
        return !node.Disk.IsDamaged && node.Life is { } life && life.Replica.Log.Configuration == members
            && life.Replica.Log.ConfigurationIndex.Value <= node.Witness.Disk.LastIndex;
    }

    private void ForgetReadmitted()
    {
        if (_withoutData.Count == 0 || Leader is not { } leader || leader.Replica.Log.ConfigurationIndex > leader.Replica.CommitIndex)
            return;
        var members = leader.Replica.Log.Configuration;
        _withoutData.RemoveWhere(name => members.Find(name) is not { } member
            || (member.Kind == MemberKind.Voter && member.Incarnation == _byName[name].Disk.Incarnation));
    }

    private void Add(NodeId name, bool isMember)
    {
        var profile = _world.Profile;
        var drift = 1 + profile.MaxDrift * (_world.Random.Unit() * 2 - 1);
        var clock = new NodeClock(drift, _world.Random.Between(-profile.MaxSkew, profile.MaxSkew));
        var node = new SimulatedNode(name, _world, clock);
        node.Bootstrap(isMember ? FirstMembers : Configuration.Empty);
        Nodes.Add(node);
        _byName.Add(name, node);
        _world.Clients.Connect(node);
    }
}
