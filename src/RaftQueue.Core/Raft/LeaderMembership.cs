using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Membership changes, one server at a time (§6; dissertation, §4.1 to §4.3): asked for by an operator, or due by themselves. A configuration is used as soon as it is in
/// the log; the next one waits until it is committed.
/// </summary>
internal static class LeaderMembership
{
    public static void Change(StepBuilder step, Input.ChangeMembers request)
    {
        var refusal = MembershipRules.Decide(step, request.Change, out var next);
        if (next is null)
        {
            step.Perform(new Effect.RequestEnded(request.RequestId, refusal));
            return;
        }

        Append(step, next, step.ReadClock(request.Now));
        step.Lead = step.Lead with { Change = new PendingChange(request.RequestId, step.Log.LastIndex) };
        LeaderReplication.SendToAll(step);
    }

    /// <summary>At every heartbeat: the change that is due by itself, if any. The heartbeat that follows sends it.</summary>
    public static void Tend(StepBuilder step)
    {
        if (MembershipRules.IsSettled(step) && MembershipRules.Due(step) is { } next)
            Append(step, next, step.Clock.At(step.Now));
    }

    /// <summary>Takes over the configuration in the log: keeps what is known of members that stay, and begins with the others at <paramref name="nextIndex"/>.</summary>
    public static void Adopt(StepBuilder step, LogIndex nextIndex)
    {
        var configuration = step.Log.Configuration;
        var peers = new List<Progress>(configuration.Members.Length);
        foreach (var member in configuration.Members)
        {
            if (member.Id != step.Self.Node)
                peers.Add(View(step, member, nextIndex));
        }

        foreach (var peer in step.Peers)
        {
            if (configuration.Find(peer.Node) is null)
                peers.Add(peer with { IsVoter = false, IsLeaving = true });
        }

        step.SetPeers([.. peers]);
        step.Lead = step.Lead with { IsVoter = Servers.IsVoter(step, configuration) };
    }

    /// <summary>After a commit: whoever waited for a change is told, and who has been removed leaves.</summary>
    public static void Committed(StepBuilder step)
    {
        if (step.Log.ConfigurationIndex > step.CommitIndex)
            return;
        if (step.Lead.Change is { } change && change.Index <= step.CommitIndex)
        {
            step.Lead = step.Lead with { Change = null };
            step.Perform(new Effect.RequestEnded(change.RequestId, ""));
        }

        DismissLeaving(step);
        if (!step.Lead.IsVoter)
            Leave(step);
    }

    public static void StepDown(StepBuilder step)
    {
        if (step.Lead.Change is { } change)
            step.Perform(new Effect.RequestEnded(
                change.RequestId,
                $"{step.Self.Node} lost leadership before the change was committed; look at the members before asking again.",
                OutcomeUnknown: true));
    }

    /// <summary>The voters of the configuration in use.</summary>
    public static NodeId[] Voters(StepBuilder step) => [.. step.Log.Configuration.Voters.Select(voter => voter.Id)];

    private static void Append(StepBuilder step, Configuration next, LogTime stamp)
    {
        Leader.Append(step, EntryKind.Configuration, stamp, ConfigurationCodec.Encode(next));
        Adopt(step, step.Log.LastIndex);
        // A majority of fewer may have more already.
        Leader.AdvanceCommit(step);
    }

    private static Progress View(StepBuilder step, Member member, LogIndex nextIndex)
    {
        var place = LeaderReplication.PlaceOf(step, member.Id);
        if (place >= 0 && Servers.IsSameLife(member.Incarnation, step.Peers[place].Incarnation))
        {
            var known = step.Peers[place];
            return known with { IsVoter = member.Kind == MemberKind.Voter, IsLeaving = false };
        }

        // Nothing is known of this life; it is given the benefit of the doubt for one election timeout.
        return new Progress(member.Id, member.Incarnation, member.Kind == MemberKind.Voter, nextIndex) { LastHeard = step.Now };
    }

    /// <summary>The removed hear once more, so that they know that their removal is committed; if that is lost, pre-vote keeps them from disturbing (§4.2.3).</summary>
    private static void DismissLeaving(StepBuilder step)
    {
        var leaving = 0;
        for (var place = 0; place < step.Peers.Length; place++)
        {
            if (!step.Peers[place].IsLeaving)
                continue;
            leaving++;
            LeaderReplication.SendEmpty(step, place);
        }

        if (leaving > 0)
            step.SetPeers([.. step.Peers.ToArray().Where(peer => !peer.IsLeaving)]);
    }

    /// <summary>The leader itself has been removed: it tells the others that this is committed, names a successor and steps down (§4.2.2).</summary>
    private static void Leave(StepBuilder step)
    {
        for (var place = 0; place < step.Peers.Length; place++)
            LeaderReplication.SendEmpty(step, place);
        LeaderTransfer.TellMostUpToDate(step);
        Servers.BecomeFollower(step, step.CurrentTerm, leader: null);
    }
}
