using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.Rig;

/// <summary>Sees every step of a cluster, and holds it to what Raft promises (Figure 3). It remembers by itself and asks the rules nothing.</summary>
internal sealed class Witness
{
    private readonly Dictionary<Term, NodeId> _leaders = [];
    private readonly Dictionary<LogIndex, Entry> _applied = [];
    private readonly Dictionary<(NodeId Voter, Incarnation Life, Term Term), NodeId> _votes = [];

    public int LeadersSeen => _leaders.Count;

    /// <summary>The entries that any machine was handed, by index.</summary>
    public IReadOnlyDictionary<LogIndex, Entry> Committed => _applied;

    public void Stepped(Server server, Replica before, Step step)
    {
        var next = step.Next;
        Assert.True(next.CommitIndex >= before.CommitIndex, $"{server.Node}: the commit index moved back.");
        Assert.True(next.CurrentTerm >= before.CurrentTerm, $"{server.Node}: the term fell.");
        if (next.Role == Role.Leader)
        {
            var leader = _leaders.TryAdd(next.CurrentTerm, server.Node) ? server.Node : _leaders[next.CurrentTerm];
            Assert.True(leader == server.Node, $"Election Safety: {leader} and {server.Node} lead term {next.CurrentTerm}.");
            if (before.Role == Role.Leader)
                Assert.DoesNotContain(step.Remember, @event => @event is LogTruncated or SnapshotInstalled);
        }

        foreach (var truncated in step.Remember.OfType<LogTruncated>())
            Assert.True(truncated.From > before.CommitIndex, $"{server.Node} truncates committed entries from {truncated.From}.");
        if (before.Role != Role.Leader && next.Role == Role.Leader)
            HasEverythingCommitted(next);
    }

    public void Applied(Server server, Entry entry)
    {
        var first = _applied.TryAdd(entry.Index, entry) ? entry : _applied[entry.Index];
        Assert.True(
            first.Term == entry.Term && first.Payload.Span.SequenceEqual(entry.Payload.Span),
            $"State Machine Safety: {server.Node} applies another entry at {entry.Index} (term {entry.Term}, not {first.Term}).");
    }

    public void Sent(Envelope envelope)
    {
        if (envelope.Message is not VoteReply { IsGranted: true, IsPreVote: false } vote)
            return;
        var key = (envelope.From, envelope.FromIncarnation, vote.Term);
        var candidate = _votes.TryAdd(key, envelope.To) ? envelope.To : _votes[key];
        Assert.True(candidate == envelope.To, $"One vote per term: {envelope.From} votes for {candidate} and {envelope.To} in term {vote.Term}.");
    }

    private void HasEverythingCommitted(Replica leader)
    {
        foreach (var (index, entry) in _applied)
        {
            Assert.True(
                index <= leader.Log.Snapshot.LastIncludedIndex || leader.Log.TermAt(index) == entry.Term,
                $"Leader Completeness: {leader.Self.Node} leads term {leader.CurrentTerm} without the committed entry {index}.");
        }
    }
}
