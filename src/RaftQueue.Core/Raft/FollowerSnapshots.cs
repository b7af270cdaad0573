using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>InstallSnapshot from the receiver's side (§7, Figure 13). The shell stores the chunks and knows which one is missing; the rules take the whole in place.</summary>
internal static class FollowerSnapshots
{
    public static void Install(StepBuilder step, Envelope envelope, InstallSnapshot chunk)
    {
        if (chunk.Term < step.CurrentTerm)
        {
            // The round was of another term than the answer: it names none.
            step.Send(envelope.From, envelope.FromIncarnation, Follower.Refusal(step, LogIndex.Zero, Term.Zero, LogIndex.Zero, round: 0));
            return;
        }

        Follower.Obey(step, envelope, chunk.Term);
        var reception = new SnapshotReception(chunk.Meta, chunk.Term, envelope.FromIncarnation, chunk.Round);
        if (chunk.Meta.LastIncludedIndex <= step.CommitIndex)
        {
            step.SendWhenDurable(envelope.From, envelope.FromIncarnation, Reply(step, reception, SnapshotProgress.Installed, default, ""));
        }
        else if (chunk.Meta.MachineVersion > step.Options.MachineVersion)
        {
            var reason = $"The snapshot is of machine version {chunk.Meta.MachineVersion}, and {step.Self.Node} knows none newer than {step.Options.MachineVersion}: upgrade it.";
            step.Perform(new Effect.SnapshotRefused(step.Self.Node, reason));
            step.Send(envelope.From, envelope.FromIncarnation, Reply(step, reception, SnapshotProgress.Refused, default, reason));
        }
        else
        {
            step.Reception = reception;
            step.Perform(new Effect.StoreSnapshotChunk(chunk));
        }
    }

    public static void ChunkStored(StepBuilder step, Input.SnapshotChunkStored stored)
    {
        if (step.Reception is not { } reception || reception.Meta != stored.Meta)
            return;
        if (stored.Refusal.Length > 0)
        {
            step.Reception = null;
            step.Perform(new Effect.SnapshotRefused(step.Self.Node, stored.Refusal));
            Answer(step, reception, SnapshotProgress.Refused, default, stored.Refusal);
        }
        else if (stored.Next is { } next)
        {
            Answer(step, reception, SnapshotProgress.Wanted, next, "");
        }
        else
        {
            step.Reception = null;
            TakeInPlace(step, reception.Meta);
            Answer(step, reception, SnapshotProgress.Installed, default, "");
        }
    }

    private static void TakeInPlace(StepBuilder step, SnapshotMeta meta)
    {
        // Appends may have brought us past it meanwhile.
        if (meta.LastIncludedIndex <= step.CommitIndex)
            return;
        step.Remember(new SnapshotInstalled(meta));
        step.RestoreThrough(meta.LastIncludedIndex);
        step.Perform(new Effect.RestoreMachine(meta));
    }

    private static void Answer(StepBuilder step, SnapshotReception reception, SnapshotProgress progress, SnapshotCursor next, string reason)
    {
        // The chunk's sender may not lead any more; a new leader hears from us when it speaks.
        if (step.Role == Role.Follower && step.Leader is { } leader && reception.Term == step.CurrentTerm)
            step.SendWhenDurable(leader, reception.LeaderIncarnation, Reply(step, reception, progress, next, reason));
    }

    private static SnapshotReply Reply(StepBuilder step, SnapshotReception reception, SnapshotProgress progress, SnapshotCursor next, string reason) => new(
        step.Self.Group, step.CurrentTerm, reception.Meta.LastIncludedIndex, progress, next, reason, reception.Round);
}
