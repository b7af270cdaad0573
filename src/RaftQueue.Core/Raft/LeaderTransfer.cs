using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Leadership transfer (dissertation, §3.10): take no more proposals, bring the target up to date, tell it to campaign at once; after a while, go on as before.
/// </summary>
internal static class LeaderTransfer
{
    public static void Begin(StepBuilder step, Input.Transfer transfer)
    {
        var target = transfer.Target ?? MostUpToDate(step)?.Node;
        // Who asks again because the first answer was lost comes to the new leader, and wants to hear that it leads.
        if (target == step.Self.Node)
        {
            step.Perform(new Effect.RequestEnded(transfer.RequestId, ""));
            return;
        }

        if (Objection(step, target) is { } objection)
        {
            step.Perform(new Effect.RequestEnded(transfer.RequestId, objection));
            return;
        }

        step.Lead = step.Lead with
        {
            Handover = new Handover(transfer.RequestId, target!.Value, step.Now + step.Options.TransferTimeout, IsTold: false),
        };
        Progressed(step, target.Value);
    }

    /// <summary>The target has more of the log. When it has all, it is told to campaign.</summary>
    public static void Progressed(StepBuilder step, NodeId node)
    {
        var place = LeaderReplication.PlaceOf(step, node);
        if (place < 0 || step.Lead.Handover is not { } handover || handover.Target != node)
            return;
        var target = step.Peers[place];
        if (target.MatchIndex < step.Log.LastIndex || handover.IsTold)
            return;
        step.Lead = step.Lead with { Handover = handover with { IsTold = true } };
        Tell(step, target);
    }

    /// <summary>At every heartbeat: gives the transfer up when its time is over, and repeats an order that may have been lost.</summary>
    public static void Watch(StepBuilder step)
    {
        if (step.Lead.Handover is not { } handover)
            return;
        var place = LeaderReplication.PlaceOf(step, handover.Target);
        if (step.Now >= handover.Deadline || place < 0)
        {
            step.Lead = step.Lead with { Handover = null };
            step.Perform(new Effect.RequestEnded(
                handover.RequestId,
                $"{handover.Target} did not take over within {step.Options.TransferTimeout.TotalSeconds} s; {step.Self.Node} goes on leading.",
                OutcomeUnknown: handover.IsTold));
        }
        else if (handover.IsTold)
        {
            Tell(step, step.Peers[place]);
        }
    }

    /// <summary>A leader that has removed itself names its successor, so that nobody waits for an election timeout.</summary>
    public static void TellMostUpToDate(StepBuilder step)
    {
        if (MostUpToDate(step) is { } successor && successor.MatchIndex == step.Log.LastIndex)
            Tell(step, successor);
    }

    public static void StepDown(StepBuilder step)
    {
        if (step.Lead.Handover is { } handover)
            step.Perform(new Effect.RequestEnded(
                handover.RequestId, handover.IsTold ? "" : $"{step.Self.Node} lost leadership before {handover.Target} had the whole log."));
    }

    private static void Tell(StepBuilder step, Progress target) =>
        step.Send(target.Node, target.Incarnation, new TimeoutNow(step.Self.Group, step.CurrentTerm));

    private static string? Objection(StepBuilder step, NodeId? target)
    {
        if (step.Lead.Handover is { } handover)
            return $"Leadership is being handed to {handover.Target} already.";
        if (target is not { } node)
            return "There is no other voter that could lead.";
        return step.Log.Configuration.Find(node) switch
        {
            null => $"{node} is not a member of group {step.Self.Group}: {step.Log.Configuration}.",
            { Kind: MemberKind.Learner } => $"{node} is a learner; only a voter can lead.",
            _ => null,
        };
    }

    private static Progress? MostUpToDate(StepBuilder step)
    {
        Progress? best = null;
        foreach (var peer in step.Peers)
        {
            if (peer.IsVoter && (best is null || peer.MatchIndex > best.MatchIndex || (peer.MatchIndex == best.MatchIndex && peer.LastHeard > best.LastHeard)))
                best = peer;
        }

        return best;
    }
}
