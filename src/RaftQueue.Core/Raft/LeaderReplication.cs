using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>AppendEntries from the leader's side (§5.3): who gets which entries, and what the answers mean.</summary>
internal static class LeaderReplication
{
    public static int PlaceOf(StepBuilder step, NodeId node)
    {
        var peers = step.Peers;
        for (var place = 0; place < peers.Length; place++)
        {
            if (peers[place].Node == node)
                return place;
        }

        return -1;
    }

    /// <summary>Sends every member what it lacks and has room for.</summary>
    public static void SendToAll(StepBuilder step)
    {
        for (var place = 0; place < step.Peers.Length; place++)
            SendEntries(step, place);
    }

    /// <summary>
    /// A round of heartbeats. They are empty and never wait for room, so they get through when appends do not, and they name the entry before the next one: a member
    /// that missed an append refuses, and is probed again.
    /// </summary>
    public static void Heartbeat(StepBuilder step)
    {
        step.Lead = step.Lead with { Round = step.Lead.Round + 1 };
        for (var place = 0; place < step.Peers.Length; place++)
        {
            SendEmpty(step, place);
            var peer = step.Peers[place];
            if (peer.Phase == ProgressPhase.Snapshot)
                LeaderSnapshots.Resume(step, place);
            else if (step.Log.TermAt(peer.NextIndex.Previous) is null)
                LeaderSnapshots.Begin(step, place); // what it has not answered yet is compacted meanwhile, and cannot be sent again
            else
                SendEntries(step, place);
        }
    }

    public static void Answered(StepBuilder step, int place, AppendReply reply)
    {
        step.SetPeer(place, step.Peers[place].Knowing(reply.MachineVersion));
        if (reply.IsAccepted)
            Accepted(step, place, reply.MatchIndex);
        else
            Refused(step, place, reply);
    }

    /// <summary>The member's log matches ours through <paramref name="match"/>, on its disk.</summary>
    public static void Accepted(StepBuilder step, int place, LogIndex match)
    {
        var peer = step.Peers[place];
        // No member can match what this leader does not have: such an answer is not to one of its appends.
        if (match > step.Log.LastIndex)
            return;
        // In the snapshot phase even an answer to a heartbeat says nothing new, until the log reaches what the member has.
        if (peer.Phase == ProgressPhase.Snapshot && step.Log.TermAt(match) is null)
            return;
        var isHigher = match > peer.MatchIndex;
        step.SetPeer(place, peer.Matched(match));
        if (isHigher && peer.IsVoter)
            Leader.AdvanceCommit(step);
        if (step.Role != Role.Leader)
            return;
        LeaderTransfer.Progressed(step, peer.Node);
        if (PlaceOf(step, peer.Node) == place)
            SendEntries(step, place);
    }

    public static void SendEmpty(StepBuilder step, int place)
    {
        var peer = step.Peers[place];
        // To a member that needs the snapshot there is no entry to name but the one before all: it matches always, and commits nothing.
        var (previous, term) = peer.Phase != ProgressPhase.Snapshot && step.Log.TermAt(peer.NextIndex.Previous) is { } known
            ? (peer.NextIndex.Previous, known)
            : (LogIndex.Zero, Term.Zero);
        step.Send(peer.Node, peer.Incarnation, new AppendEntries(step.Self.Group, step.CurrentTerm, previous, term, [], step.CommitIndex, step.Lead.Round)
        {
            LogTime = step.Clock.At(step.Now),
        });
    }

    private static void SendEntries(StepBuilder step, int place)
    {
        var peer = step.Peers[place];
        while (peer.NextIndex <= step.Log.LastIndex && peer.HasRoom(step.Options.MaxAppendsInFlight))
        {
            if (step.Log.TermAt(peer.NextIndex.Previous) is not { } previousTerm)
            {
                LeaderSnapshots.Begin(step, place);
                return;
            }

            var entries = step.EntriesFrom(peer.NextIndex);
            step.Send(peer.Node, peer.Incarnation, new AppendEntries(
                step.Self.Group, step.CurrentTerm, peer.NextIndex.Previous, previousTerm, entries, step.CommitIndex, step.Lead.Round));
            peer = peer.Sent(entries[^1].Index);
            step.SetPeer(place, peer);
        }
    }

    private static void Refused(StepBuilder step, int place, AppendReply reply)
    {
        var peer = step.Peers[place];
        // What is known to match was refused before it matched; and a probe's answer names the entry that was probed. All else is an old echo.
        var isStale = reply.MatchIndex <= peer.MatchIndex || peer.Phase switch
        {
            ProgressPhase.Probe => reply.MatchIndex != peer.NextIndex.Previous,
            ProgressPhase.Replicate => reply.MatchIndex >= peer.NextIndex,
            _ => true,
        };
        if (isStale)
            return;
        step.SetPeer(place, peer.ProbeFrom(LogIndex.Min(reply.MatchIndex, NextByHint(step.Log, reply))));
        SendEntries(step, place);
    }

    /// <summary>Where the logs can match at best, by what the follower says of its conflicting term (§5.3, the last paragraphs).</summary>
    private static LogIndex NextByHint(Log log, AppendReply reply)
    {
        if (reply.ConflictTerm == Term.Zero)
            return reply.ConflictIndex;
        var lastOfTerm = log.LastIndexThrough(reply.ConflictTerm);
        return log.TermAt(lastOfTerm) == reply.ConflictTerm
            ? lastOfTerm.Next
            : LogIndex.Min(lastOfTerm.Next, reply.ConflictIndex);
    }
}
