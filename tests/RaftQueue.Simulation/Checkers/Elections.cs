using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>Election Safety (Figure 3): at most one leader can be elected in a given term.</summary>
public sealed class ElectionSafety : Checker
{
    private readonly Dictionary<Term, Witness> _leaders = [];

    public override string Name => "Election Safety";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        if (step.Next.Role != Role.Leader || (before.Role == Role.Leader && before.Memory.CurrentTerm == step.Next.Memory.CurrentTerm))
            return;
        var term = step.Next.Memory.CurrentTerm;
        Require(_leaders.TryAdd(term, node), $"{_leaders[term]} led term {term}, and now {node} does");
    }
}

/// <summary>
/// One vote per term (§5.2): over all crashes and restarts, a node's disk names one candidate in a term, the term never moves back, and no vote is spoken before it is
/// on disk. Kept for each life of a node's data: whether a later life may vote at all is for Election Safety to judge.
/// </summary>
public sealed class OneVotePerTerm : Checker
{
    private readonly Dictionary<(int Life, long Term), NodeId> _votes = [];
    private readonly Dictionary<int, long> _terms = [];

    public override string Name => "One Vote Per Term";

    public override void Persisted(Witness node, IReadOnlyList<IRaftEvent> events)
    {
        foreach (var voted in events.OfType<Voted>())
        {
            _terms.TryGetValue(node.HolderBit, out var term);
            Require(voted.Term.Value >= term, $"{node} wrote term {voted.Term} after term {term}");
            _terms[node.HolderBit] = voted.Term.Value;
            if (voted.VotedFor is { } candidate)
                Cast(node, voted.Term.Value, candidate);
        }
    }

    public override void Sent(Witness node, Envelope envelope)
    {
        if (envelope.Message is not VoteReply { IsGranted: true, IsPreVote: false } vote)
            return;
        Require(
            node.Disk.Term > vote.Term.Value || (node.Disk.Term == vote.Term.Value && node.Disk.VotedFor == envelope.To),
            $"{node} grants {envelope.To} its vote in term {vote.Term}, while its disk says term {node.Disk.Term}, vote {node.Disk.VotedFor}");
        Cast(node, vote.Term.Value, envelope.To);
    }

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        if (before.Role == Role.Leader || step.Next.Role != Role.Leader)
            return;
        Require(
            node.Disk.Term == step.Next.Memory.CurrentTerm.Value && node.Disk.VotedFor == node.Id,
            $"{node} leads term {step.Next.Memory.CurrentTerm} before its own vote is on disk");
    }

    private void Cast(Witness node, long term, NodeId candidate)
    {
        Require(
            _votes.TryAdd((node.HolderBit, term), candidate) || _votes[(node.HolderBit, term)] == candidate,
            $"{node} voted for {_votes[(node.HolderBit, term)]} in term {term}, and now for {candidate}");
    }
}
