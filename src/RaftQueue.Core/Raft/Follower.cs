using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>Rules for followers (Figure 2, "Followers" and AppendEntries from the receiver's side; §5.2, §5.3).</summary>
internal static class Follower
{
    public static void Append(StepBuilder step, Envelope envelope, AppendEntries append)
    {
        if (append.Term < step.CurrentTerm)
        {
            // It still learns our term: also a leader that nobody follows any more must hear that its time is over. The answer is of our term and the round was of
            // another, so it names none: the sender may lead again by now, and would take it for proof that it still does.
            step.Send(envelope.From, envelope.FromIncarnation, Refusal(step, append.PrevLogIndex, Term.Zero, LogIndex.Zero, round: 0));
            return;
        }

        Obey(step, envelope, append.Term);
        step.HearTime(append.LogTime);
        // What is committed is the same everywhere, so it needs no check, and a delayed append of an earlier leader cannot touch it.
        if (append.PrevLogIndex > step.CommitIndex && step.Log.TermAt(append.PrevLogIndex) != append.PrevLogTerm)
        {
            RefuseWithHint(step, envelope, append);
            return;
        }

        var verified = append.PrevLogIndex + append.Entries.Length;
        Store(step, append.Entries);
        // Not the leader's commit index alone: beyond what this append has verified, our log may still hold another leader's entries.
        var committed = LogIndex.Min(append.LeaderCommit, verified);
        if (committed > step.CommitIndex)
            Servers.CommitThrough(step, committed);
        var match = LogIndex.Max(verified, step.CommitIndex);
        step.SendWhenDurable(envelope.From, envelope.FromIncarnation, Acceptance(step, match, append.Round));
    }

    /// <summary>The current leader speaks: whoever campaigned gives up, and the election timer starts anew (§5.2).</summary>
    public static void Obey(StepBuilder step, Envelope envelope, Term term)
    {
        if (step.Role == Role.Leader && term == step.CurrentTerm)
            throw new InvariantViolation($"Election Safety is broken: {step.Self.Node} leads term {term}, and so does {envelope.From}.");
        if (step.Role == Role.Follower && term == step.CurrentTerm && step.Leader is { } leader && leader != envelope.From)
            throw new InvariantViolation($"Election Safety is broken: {leader} leads term {term}, and so does {envelope.From}.");
        Servers.BecomeFollower(step, term, envelope.From);
        step.LeaderHeard = step.Now;
        step.ElectionTimer = TimerChange.Restart;
    }

    /// <summary>The leader hands over: this server campaigns at once, and needs not ask first (dissertation, §3.10).</summary>
    public static void TakeOver(StepBuilder step, Envelope envelope, TimeoutNow now)
    {
        if (now.Term == step.CurrentTerm && step.Role == Role.Follower && step.Leader == envelope.From && Servers.MayCampaign(step))
            Candidate.Elect(step, isTransfer: true);
    }

    /// <summary>The transport says that a node has gone. If we follow it, we owe it no loyalty any more, and need not wait long for another.</summary>
    public static void LosePeer(StepBuilder step, NodeId node)
    {
        if (step.Role != Role.Follower || step.Leader != node)
            return;
        step.Leader = null;
        step.ElectionTimer = TimerChange.Hasten;
    }

    /// <summary>A refused append; the hint lets the leader skip a whole term per round trip (§5.3).</summary>
    public static AppendReply Refusal(StepBuilder step, LogIndex refused, Term conflictTerm, LogIndex conflictIndex, long round) => new(
        step.Self.Group, step.CurrentTerm, IsAccepted: false, refused, conflictTerm, conflictIndex, round, step.Options.MachineVersion);

    private static AppendReply Acceptance(StepBuilder step, LogIndex match, long round) => new(
        step.Self.Group, step.CurrentTerm, IsAccepted: true, match, Term.Zero, LogIndex.Zero, round, step.Options.MachineVersion);

    private static void RefuseWithHint(StepBuilder step, Envelope envelope, AppendEntries append)
    {
        var log = step.Log;
        var isShorter = append.PrevLogIndex > log.LastIndex;
        var conflictTerm = isShorter ? Term.Zero : log.TermAt(append.PrevLogIndex)!.Value;
        var conflictIndex = isShorter ? log.LastIndex.Next : LogIndex.Max(log.FirstIndexOfTermAt(append.PrevLogIndex), step.CommitIndex.Next);
        step.Send(envelope.From, envelope.FromIncarnation, Refusal(step, append.PrevLogIndex, conflictTerm, conflictIndex, append.Round));
    }

    /// <summary>Skips what the log already has, lets a conflicting tail go, and appends the rest. A duplicate or a delayed append therefore changes nothing.</summary>
    private static void Store(StepBuilder step, ImmutableArray<Entry> entries)
    {
        var known = 0;
        while (known < entries.Length && IsKnown(step, entries[known]))
            known++;
        if (known == entries.Length)
            return;
        var first = entries[known].Index;
        if (first <= step.Log.LastIndex)
            step.Remember(new LogTruncated(first));
        step.Remember(new EntriesAppended(known == 0 ? entries : entries.RemoveRange(0, known)));
    }

    private static bool IsKnown(StepBuilder step, Entry entry)
    {
        var term = step.Log.TermAt(entry.Index);
        if (entry.Index > step.CommitIndex)
            return term == entry.Term;
        // Below the commit index there may be nothing left to compare with, but never anything else.
        if (term is { } held && held != entry.Term)
            throw new InvariantViolation(
                $"Leader Completeness is broken: entry {entry.Index} of term {held} is committed, and the leader of term {step.CurrentTerm} has one of term {entry.Term}.");
        return true;
    }
}
