using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Core.Raft;

/// <summary>Rules for leaders (Figure 2, "Leaders"; §5.3, §5.4, §8): how one begins, orders writes, commits and ends.</summary>
internal static class Leader
{
    /// <summary>The election is won.</summary>
    public static void Begin(StepBuilder step)
    {
        step.Role = Role.Leader;
        step.Candidacy = null;
        step.Reception = null;
        step.Leader = step.Self.Node;
        step.ElectionTimer = TimerChange.Restart;
        step.HeartbeatTimer = TimerChange.Restart;
        var noOp = step.Log.LastIndex.Next;
        step.SetLeadership(new Leadership(noOp, []) { UncommittedBytes = WeightOf(step.Log.Range(step.CommitIndex.Next, step.Log.LastIndex)) });
        LeaderMembership.Adopt(step, noOp);
        // Without an entry of its own term a leader can neither commit nor know what is committed (§5.4.2, §8). The log of a new group opens with its members: there
        // the others learn them, so that whoever has entries knows who may speak of them.
        var isUnwritten = step.Log.ConfigurationIndex == LogIndex.Zero && step.Log.Configuration.Members.All(member => member.Incarnation.IsKnown);
        if (isUnwritten)
            Append(step, EntryKind.Configuration, step.Clock.At(step.Now), ConfigurationCodec.Encode(step.Log.Configuration));
        else
            Append(step, EntryKind.NoOp, step.Clock.At(step.Now), ReadOnlyMemory<byte>.Empty);
        LeaderReplication.SendToAll(step);
    }

    /// <summary>Leadership ends: whoever waits for it is told.</summary>
    public static void StepDown(StepBuilder step)
    {
        step.HeartbeatTimer = TimerChange.Stop;
        LeaderReads.RefuseAll(step);
        LeaderTransfer.StepDown(step);
        LeaderMembership.StepDown(step);
        step.SetLeadership(null);
    }

    public static void Propose(StepBuilder step, Input.Propose propose)
    {
        var isBusy = step.Lead.UncommittedBytes >= step.Options.MaxUncommittedBytes;
        if (isBusy || step.Lead.Handover is not null)
        {
            step.Perform(new Effect.ProposalRefused(isBusy));
            return;
        }

        if (propose.Commands.IsEmpty)
            return;
        var first = step.Log.LastIndex.Next;
        var stamp = step.ReadClock(propose.Now);
        var entries = ImmutableArray.CreateBuilder<Entry>(propose.Commands.Length);
        foreach (var command in propose.Commands)
            entries.Add(new Entry(first + entries.Count, step.CurrentTerm, stamp, EntryKind.Command, command));
        Append(step, entries.MoveToImmutable());
        step.Perform(new Effect.Proposed(first, propose.Commands.Length));
        LeaderReplication.SendToAll(step);
    }

    /// <summary>An entry of the leader itself.</summary>
    public static void Append(StepBuilder step, EntryKind kind, LogTime stamp, ReadOnlyMemory<byte> payload) =>
        Append(step, [new Entry(step.Log.LastIndex.Next, step.CurrentTerm, LogTime.Max(stamp, step.Log.LastStamp), kind, payload)]);

    /// <summary>Our own disk has it. A write that was issued in another term confirms nothing in this one (P3).</summary>
    public static void Written(StepBuilder step, WriteMark mark)
    {
        if (mark.Term != step.CurrentTerm || mark.LastIndex <= step.Lead.DurableIndex || step.Log.TermAt(mark.LastIndex) != mark.LastTerm)
            return;
        step.Lead = step.Lead with { DurableIndex = mark.LastIndex };
        AdvanceCommit(step);
    }

    /// <summary>An answer of a member, in this leader's term.</summary>
    public static void Hear(StepBuilder step, Envelope envelope)
    {
        var place = LeaderReplication.PlaceOf(step, envelope.From);
        if (place < 0)
            return;
        var peer = step.Peers[place];
        var round = envelope.Message is AppendReply append ? append.Round : ((SnapshotReply)envelope.Message).Round;
        if (!Servers.IsSameLife(peer.Incarnation, envelope.FromIncarnation))
        {
            // Its acknowledgements count for nothing until the configuration names it. What was said before the latest answer of the life we know is an old echo.
            if (round > peer.AckedRound)
                step.SetPeer(place, peer with { OtherLife = envelope.FromIncarnation });
            return;
        }

        step.SetPeer(place, peer with
        {
            Incarnation = envelope.FromIncarnation,
            LastHeard = step.Now,
            AckedRound = Math.Max(peer.AckedRound, round),
            OtherLife = round > peer.AckedRound ? Incarnation.Unknown : peer.OtherLife,
        });
        if (envelope.Message is AppendReply reply)
            LeaderReplication.Answered(step, place, reply);
        else
            LeaderSnapshots.Answered(step, place, (SnapshotReply)envelope.Message);
        LeaderReads.Confirm(step);
    }

    public static void Heartbeat(StepBuilder step, LogTime? wall)
    {
        if (wall is { } reading)
            step.ReadClock(reading);
        LeaderTransfer.Watch(step);
        LeaderMembership.Tend(step);
        LeaderVersion.Tend(step);
        LeaderReplication.Heartbeat(step);
    }

    /// <summary>A leader that a majority does not answer steps down, so that those who wait for it look elsewhere (§6.2 of the dissertation).</summary>
    public static void CheckQuorum(StepBuilder step)
    {
        step.ElectionTimer = TimerChange.Restart;
        if (!Reaches(step, LeaderMembership.Voters(step)))
            Servers.BecomeFollower(step, step.CurrentTerm, leader: null);
    }

    /// <summary>Whether a majority of these voters is ourselves or was heard within the election timeout.</summary>
    public static bool Reaches(StepBuilder step, IReadOnlyCollection<NodeId> voters) =>
        voters.Count(voter => voter == step.Self.Node || IsHeard(step, voter)) >= Quorum.Of(voters.Count);

    /// <summary>The highest index on the disks of a majority commits, if it is of our own term (§5.3, §5.4.2).</summary>
    public static void AdvanceCommit(StepBuilder step)
    {
        Span<long> matches = stackalloc long[step.Peers.Length + 1];
        var voters = 0;
        foreach (var peer in step.Peers)
        {
            if (peer.IsVoter)
                matches[voters++] = peer.MatchIndex.Value;
        }

        if (step.Lead.IsVoter)
            matches[voters++] = step.Lead.DurableIndex.Value;
        if (voters == 0)
            return;
        var agreed = new LogIndex(Quorum.Reached(matches[..voters]));
        // Only an entry of our own term commits by counting (§5.4.2, Figure 8); older entries ride along beneath it.
        if (agreed > step.CommitIndex && step.Log.TermAt(agreed) == step.CurrentTerm)
            Commit(step, agreed);
    }

    private static bool IsHeard(StepBuilder step, NodeId voter)
    {
        var place = LeaderReplication.PlaceOf(step, voter);
        return place >= 0 && step.Now - step.Peers[place].LastHeard <= step.Options.MinElectionTimeout;
    }

    // Followers learn of it with the next append or heartbeat: only the leader's machine has effects, so telling them at once would cost messages and gain nobody anything.
    private static void Commit(StepBuilder step, LogIndex agreed)
    {
        var committed = Servers.CommitThrough(step, agreed);
        step.Lead = step.Lead with { UncommittedBytes = step.Lead.UncommittedBytes - WeightOf(committed) };
        if (!step.Lead.IsEstablished && agreed >= step.Lead.NoOp)
        {
            step.Lead = step.Lead with { IsEstablished = true };
            step.Perform(new Effect.LeadershipEstablished(step.CurrentTerm, step.Lead.NoOp));
            LeaderReads.BeginRound(step);
        }

        LeaderMembership.Committed(step);
    }

    private static void Append(StepBuilder step, ImmutableArray<Entry> entries)
    {
        step.Remember(new EntriesAppended(entries));
        step.ForgetSlice();
        step.Lead = step.Lead with { UncommittedBytes = step.Lead.UncommittedBytes + WeightOf(entries) };
    }

    private static long WeightOf(ImmutableArray<Entry> entries)
    {
        var weight = 0L;
        foreach (var entry in entries)
            weight += entry.Weight;
        return weight;
    }
}
