using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// State Machine Safety (Figure 3): if a server has applied an entry at an index, no other server ever applies a different entry for that index; and each applies
/// every index once, in order.
/// </summary>
public sealed class StateMachineSafety : Checker
{
    private readonly List<(long Term, ulong Content)> _applied = [default];

    public override string Name => "State Machine Safety";

    public override void Applying(Witness node, Entry entry)
    {
        var index = (int)entry.Index.Value;
        Require(index == node.Applied.Value + 1, $"{node} applies entry {index} after entry {node.Applied}");
        var facts = (entry.Term.Value, Content.Of(entry));
        if (index == _applied.Count)
            _applied.Add(facts);
        Require(index < _applied.Count, $"{node} applies entry {index}, while nobody has applied entry {_applied.Count}");
        Require(
            _applied[index] == facts,
            $"{node} applies an entry of term {entry.Term} at index {index}, where another of term {_applied[index].Term} was applied");
    }
}

/// <summary>Same log, same state (P5): machines that have applied the same entries have the same digest.</summary>
public sealed class EqualDigests : Checker
{
    private readonly Dictionary<LogIndex, (Witness Node, string Digest)> _digests = [];

    public override string Name => "Equal Digests";

    public override void Digested(Witness node, LogIndex index, string digest)
    {
        if (_digests.TryAdd(index, (node, digest)))
            return;
        var first = _digests[index];
        Require(first.Digest == digest, $"after entry {index} {node}'s digest is {digest}, and {first.Node}'s {first.Digest}");
    }
}
