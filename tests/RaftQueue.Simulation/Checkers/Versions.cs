using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// A newer machine version comes into force only when every voter knows it, and no server is handed an entry, or a snapshot, of a version that it does not know.
/// </summary>
public sealed class KnownVersions : Checker
{
    private readonly List<(LogIndex From, int Version)> _inForce = [(LogIndex.Zero, 1)];
    private readonly Dictionary<NodeId, Witness> _nodes = [];

    public override string Name => "Known Versions";

    public override void Woke(Witness node, Replica replica) => _nodes[node.Id] = node;

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        // Only who leads may say what comes into force; it must know of everybody who votes.
        if (step.Next.Role != Role.Leader || step.Next.Log.MachineVersion == before.Log.MachineVersion)
            return;
        var version = step.Next.Log.MachineVersion;
        foreach (var voter in step.Next.Log.Configuration.Voters)
        {
            Require(
                _nodes.TryGetValue(voter.Id, out var witness) && witness.MachineVersion >= version,
                $"{node} brings machine version {version} into force, which the voter {voter.Id} does not know");
        }
    }

    public override void Applying(Witness node, Entry entry)
    {
        if (entry.Kind == EntryKind.MachineVersion && entry.Index > _inForce[^1].From)
            _inForce.Add((entry.Index, MachineVersionCodec.Decode(entry.Payload)));
        CheckKnows(node, entry.Index);
    }

    public override void Restored(Witness node, LogIndex index) => CheckKnows(node, index);

    private void CheckKnows(Witness node, LogIndex index)
    {
        if (_inForce.Count == 1)
            return;
        var version = _inForce.FindLast(setting => setting.From <= index).Version;
        Require(node.MachineVersion >= version, $"{node} knows machine version {node.MachineVersion} and is handed entry {index} of version {version}");
    }
}
