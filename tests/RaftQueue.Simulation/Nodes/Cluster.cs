using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Storage;

namespace RaftQueue.Simulation.Nodes;

/// <summary>All the servers of a schedule: those that are to found the group, and spares that may join it.</summary>
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
        FirstMembers = [.. names.Take(nodes)];
        foreach (var name in names)
            Add(name, isMember: Nodes.Count < nodes);
        if (world.Profile.IsFounded)
            Found();
    }

    /// <summary>The nodes, in the order of their numbers.</summary>
    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>Who founds the group.</summary>
    public ImmutableArray<NodeId> FirstMembers { get; }

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
    /// Whether this node's data may be lost without a confirmed message being lost rightly: nobody else's data is missing, and the members have never changed, or everyone
    /// agrees on them and at least three of them vote. Beyond that no consensus can help.
    /// </summary>
    public bool MayLoseData(SimulatedNode node)
    {
        ForgetReadmitted();
        if (_withoutData.Count > 0)
            return false;
        if (HasFirstMembersOnly())
            return FirstMembers.Length >= 3;
        if (Leader is not { } leader)
            return false;
        var log = leader.Replica.Log;
        var members = log.Configuration;
        return log.ConfigurationIndex <= leader.Replica.CommitIndex
            && members.Voters.Count() >= 3
            && (members.Find(node.Id) is not { } own || own.Incarnation == node.Disk.Incarnation)
            && members.Members.All(member => AgreesOn(members, member.Id));
    }

    /// <summary>A node loses its data, and comes back as on its first day.</summary>
    public void LoseData(SimulatedNode node)
    {
        node.Crash("its data is wiped");
        node.Groups = SimulatedNode.RightGroups; // who replaces a disk writes the node's configuration anew
        node.Disk.Wipe(new Incarnation(_world.Random.NextGuid()));
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

    /// <summary>
    /// Nobody has heard of any members but the first: none of their data was ever lost and no change was ever made. That holds from before the founding on, when there is no
    /// leader to ask yet.
    /// </summary>
    private bool HasFirstMembersOnly() => Nodes.TrueForAll(node => !node.Disk.IsDamaged && !node.Disk.WasWiped && node.HighestConfiguration <= 1);

    private void Add(NodeId name, bool isMember)
    {
        var profile = _world.Profile;
        var drift = 1 + profile.MaxDrift * (_world.Random.Unit() * 2 - 1);
        var clock = new NodeClock(drift, _world.Random.Between(-profile.MaxSkew, profile.MaxSkew));
        var options = profile.Options with { FirstMembers = isMember ? FirstMembers : [] };
        var node = new SimulatedNode(name, _world, clock) { Options = options };
        Nodes.Add(node);
        _byName.Add(name, node);
        _world.Clients.Connect(node);
    }

    /// <summary>For scripts that begin later: as if the group had been founded and everybody had been told, but nothing had happened since.</summary>
    private void Found()
    {
        var members = new Configuration(FirstMembers.Select(name => new Member(name, _byName[name].Disk.Incarnation, MemberKind.Voter)));
        foreach (var name in FirstMembers)
            _byName[name].Disk.Append(new JournalRecord([new Bootstrapped(members)]));
    }
}
