using RaftQueue.Contracts;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Nodes;

namespace RaftQueue.Simulation.Faults;

// What operators do meanwhile: members, leaders, programs.
public sealed partial class FaultInjector
{
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
}
