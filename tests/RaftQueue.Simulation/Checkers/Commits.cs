using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>Commit never moves back, applied never passes it, and a committed entry leaves no log of a server that has reached the term in which it was committed.</summary>
/// <remarks>
/// One that has not may still give it up for a leader between the entry's own term and that one: the majority that committed it later was another (seed 95876). It takes it back
/// from the leaders that follow, who all have it.
/// </remarks>
public sealed class CommitNeverMovesBack(Books books) : Checker
{
    public override string Name => "Commit Never Moves Back";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        var next = step.Next;
        Require(next.CommitIndex >= before.CommitIndex, $"{node}'s commit index went from {before.CommitIndex} to {next.CommitIndex}");
        Require(
            next.LastApplied <= next.CommitIndex && next.CommitIndex <= next.Memory.Log.LastIndex,
            $"{node} has applied {next.LastApplied}, committed {next.CommitIndex} and a log that ends at {next.Memory.Log.LastIndex}");
        foreach (var truncated in step.Remember.OfType<LogTruncated>())
            CheckTruncation(node, before, next.CurrentTerm, truncated.From);
    }

    private void CheckTruncation(Witness node, Replica before, Term current, LogIndex from)
    {
        Require(from > before.CommitIndex, $"{node} truncates from {from}, but has committed through {before.CommitIndex}");
        if (from.Value > books.CommittedBefore(current.Value + 1))
            return;
        var term = before.Memory.Log.TermAt(from)?.Value;
        Require(
            term != books.CommittedTerm(from.Value),
            $"{node} truncates entry {from} of term {term}, which a leader has committed");
    }
}

/// <summary>
/// A leader commits only what a majority of its configuration has on disk, by an entry of its own term (§5.3, §5.4.2); a follower learns of commits and makes none.
/// </summary>
public sealed class CommitByMajority(Books books) : Checker
{
    public override string Name => "Commit By Majority";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        var next = step.Next;
        if (next.CommitIndex == before.CommitIndex)
            return;

        // A leader whose own removal is committed leads until that very step.
        if (next.Role == Role.Leader || (before.Role == Role.Leader && before.CurrentTerm == next.CurrentTerm))
            CheckLeader(node, next);
        else
            Require(
                next.CommitIndex.Value <= books.Committed,
                $"{node} follows and calls entry {next.CommitIndex} committed; leaders have committed through {books.Committed}");
    }

    private void CheckLeader(Witness node, Replica leader)
    {
        var (index, term) = (leader.CommitIndex.Value, leader.Memory.CurrentTerm.Value);
        if (index > books.Committed)
        {
            Require(
                node.Memory.TermAt(index) == term,
                $"{node} leads term {term} and commits entry {index} of term {node.Memory.TermAt(index)} by counting (Figure 8)");
            var voters = leader.Memory.Log.Configuration.Voters.ToList();
            var holders = voters.Count(voter => books.EverHeld(voter, index, term));
            Require(
                holders > voters.Count / 2,
                $"{node} commits entry {index} of term {term}, which {holders} of {voters.Count} voters have on disk");
        }

        books.Commit(node, term, index);
    }
}

/// <summary>Leader Completeness (Figure 3): an entry committed in a term is present in the logs of the leaders of all higher terms.</summary>
public sealed class LeaderCompleteness(Books books) : Checker
{
    private readonly Dictionary<int, long> _leaders = [];

    public override string Name => "Leader Completeness";

    public override void Woke(Witness node, Replica replica) => _leaders.Remove(node.Number);

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        var next = step.Next;
        if (next.Role != Role.Leader)
            _leaders.Remove(node.Number);
        else if (_leaders.TryAdd(node.Number, next.Memory.CurrentTerm.Value))
            CheckHolds(node, next.CurrentTerm.Value, books.CommittedBefore(next.CurrentTerm.Value));

        if (next.Role == Role.Leader && next.CommitIndex > before.CommitIndex)
            CheckLaterLeaders(next);
    }

    private void CheckLaterLeaders(Replica committing)
    {
        foreach (var (number, term) in _leaders)
        {
            if (term > committing.Memory.CurrentTerm.Value)
                CheckHolds(books.Nodes[number], term, committing.CommitIndex.Value);
        }
    }

    private void CheckHolds(Witness leader, long term, long committed)
    {
        if (committed == 0)
            return;

        // By Log Matching, whoever holds the last committed entry holds all before it.
        var held = leader.Memory.TermAt(committed);
        Require(
            held == books.CommittedTerm(committed) || (held is null && committed < leader.Memory.LastIndex),
            $"{leader} leads term {term} without the committed entry {committed} of term {books.CommittedTerm(committed)}: its log ends at {leader.Memory.LastIndex}, of term {leader.Memory.LastTerm}");
    }
}

/// <summary>A linearizable read sees all that was committed when it was asked (§8).</summary>
public sealed class FreshReads(Books books) : Checker
{
    private readonly Dictionary<long, long> _asked = [];

    public override string Name => "Fresh Reads";

    public override void ReadAsked(Witness node, long readId) => _asked[readId] = books.Committed;

    public override void ReadAnswered(Witness node, long readId, LogIndex index) => Require(
        _asked.Remove(readId, out var committed) && index.Value >= committed,
        $"{node} answers read {readId} from index {index}, but entry {committed} was committed when it was asked");
}
