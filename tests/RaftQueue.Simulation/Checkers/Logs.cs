using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>Leader Append-Only (Figure 3): a leader never overwrites or deletes entries in its log; it only appends new ones.</summary>
public sealed class LeaderAppendOnly : Checker
{
    public override string Name => "Leader Append-Only";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        var stayed = before.Role == Role.Leader && step.Next.Role == Role.Leader && before.Memory.CurrentTerm == step.Next.Memory.CurrentTerm;
        if (!stayed)
            return;
        foreach (var happened in step.Remember)
        {
            Require(
                happened is not (LogTruncated or SnapshotInstalled),
                $"{node} leads term {step.Next.Memory.CurrentTerm} and gives up entries of its log: {happened}");
        }
    }
}

/// <summary>
/// Log Matching (Figure 3): if two logs contain an entry with the same index and term, the logs are identical through that index. By induction it is enough that
/// an entry of an index and term is the same everywhere, and so is the term of the entry before it.
/// </summary>
public sealed class LogMatching : Checker
{
    private readonly Dictionary<(long Index, long Term), (long PreviousTerm, ulong Content)> _entries = [];

    public override string Name => "Log Matching";

    public override void Stepped(Witness node, Replica before, Input input, Step step)
    {
        foreach (var appended in step.Remember.OfType<EntriesAppended>())
        {
            long? previous = null;
            foreach (var entry in appended.Entries)
            {
                Enter(node, entry, previous ?? node.Memory.TermAt(entry.Index.Value - 1));
                previous = entry.Term.Value;
            }
        }
    }

    private void Enter(Witness node, Entry entry, long? previousTerm)
    {
        // A later event of the same step may already have cut the log again; then the entry before it cannot be told any more.
        if (previousTerm is not { } before)
            return;
        var facts = (before, Content.Of(entry));
        Require(
            _entries.TryAdd((entry.Index.Value, entry.Term.Value), facts) || _entries[(entry.Index.Value, entry.Term.Value)] == facts,
            $"{node} holds entry {entry.Index} of term {entry.Term} with another content, or after another entry, than a node before it");
        Require(entry.Term.Value >= before, $"{node} holds entry {entry.Index} of term {entry.Term} after one of term {before}");
    }
}

/// <summary>The replica in memory is what its events say: nothing is known that is not remembered (P3).</summary>
public sealed class MemoryMatchesEvents : Checker
{
    public override string Name => "Memory Matches Events";

    public override void Woke(Witness node, Replica replica) => Compare(node, replica);

    public override void Stepped(Witness node, Replica before, Input input, Step step) => Compare(node, step.Next);

    private void Compare(Witness node, Replica replica)
    {
        var (memory, mirror) = (replica.Memory, node.Memory);
        Require(
            memory.CurrentTerm.Value == mirror.Term && memory.VotedFor == mirror.VotedFor,
            $"{node} goes by term {memory.CurrentTerm}, vote {memory.VotedFor}; its events say term {mirror.Term}, vote {mirror.VotedFor}");
        Require(
            memory.Log.LastIndex.Value == mirror.LastIndex && memory.Log.LastTerm.Value == mirror.LastTerm,
            $"{node}'s log ends at {memory.Log.LastIndex} of term {memory.Log.LastTerm}; its events say {mirror.LastIndex} of term {mirror.LastTerm}");
    }
}

/// <summary>What a follower acknowledges is on its disk (P3): the acknowledgement survives its crash.</summary>
public sealed class AcknowledgedIsDurable : Checker
{
    public override string Name => "Acknowledged Is Durable";

    public override void Sent(Witness node, Envelope envelope)
    {
        if (envelope.Message is not AppendReply { IsAccepted: true } reply)
            return;
        Require(
            node.Disk.Term >= reply.Term.Value && (node.Disk.LastIndex >= reply.MatchIndex.Value || node.Disk.Term > reply.Term.Value),
            $"{node} acknowledges entries through {reply.MatchIndex} in term {reply.Term}; its disk is at term {node.Disk.Term} and ends at {node.Disk.LastIndex}");
    }
}
