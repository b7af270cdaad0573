using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// InstallSnapshot from the leader's side (§7), for a member that needs entries that are compacted. One chunk is on its way at a time, and the member says which comes
/// next; so it can go on where it was, and skip what it has.
/// </summary>
internal static class LeaderSnapshots
{
    /// <summary>How many election timeouts a member that refused a snapshot is left alone: it needs an upgrade or a repair first.</summary>
    private const int RefusalPatience = 25;

    public static void Begin(StepBuilder step, int place)
    {
        var peer = step.Peers[place].SendingSnapshot(step.Log.Snapshot, step.Now);
        step.SetPeer(place, peer);
        Read(step, peer);
    }

    public static void ChunkRead(StepBuilder step, Input.SnapshotChunkRead read)
    {
        var place = LeaderReplication.PlaceOf(step, read.To);
        if (place < 0 || step.Peers[place] is not { Transfer: { } transfer } peer || transfer.Meta != read.Meta || transfer.Cursor != read.Cursor)
            return;
        step.Send(peer.Node, peer.Incarnation, new InstallSnapshot(
            step.Self.Group, step.CurrentTerm, read.Meta, read.Cursor, read.PieceLength, read.Data, step.Lead.Round));
    }

    public static void Answered(StepBuilder step, int place, SnapshotReply reply)
    {
        var peer = step.Peers[place];
        if (reply.Progress == SnapshotProgress.Installed)
            LeaderReplication.Accepted(step, place, reply.LastIncludedIndex);
        else if (peer.Transfer is { } transfer && transfer.Meta.LastIncludedIndex == reply.LastIncludedIndex)
            GoOn(step, place, transfer, reply);
    }

    /// <summary>At every heartbeat: a chunk or an answer that was lost is made up for, with the latest snapshot where there is a newer one by now.</summary>
    public static void Resume(StepBuilder step, int place)
    {
        var peer = step.Peers[place];
        var transfer = peer.Transfer!;
        var patience = transfer.Refusal.Length > 0 ? step.Options.MinElectionTimeout * RefusalPatience : step.Options.MinElectionTimeout;
        if (step.Now - transfer.Since < patience)
            return;
        if (transfer.Meta != step.Log.Snapshot)
        {
            Begin(step, place);
            return;
        }

        var resumed = peer with { Transfer = transfer with { Since = step.Now } };
        step.SetPeer(place, resumed);
        Read(step, resumed);
    }

    private static void GoOn(StepBuilder step, int place, SnapshotTransfer transfer, SnapshotReply reply)
    {
        if (reply.Progress == SnapshotProgress.Refused)
        {
            step.Perform(new Effect.SnapshotRefused(step.Peers[place].Node, reply.Reason));
            step.SetPeer(place, step.Peers[place] with
            {
                Transfer = transfer with { Cursor = SnapshotCursor.Start, Since = step.Now, Refusal = reply.Reason },
            });
            return;
        }

        // The chunk it wants is on its way already: an answer to a duplicate.
        if (reply.Next == transfer.Cursor)
            return;
        var peer = step.Peers[place] with { Transfer = new SnapshotTransfer(transfer.Meta, reply.Next, step.Now) };
        step.SetPeer(place, peer);
        Read(step, peer);
    }

    private static void Read(StepBuilder step, Progress peer) =>
        step.Perform(new Effect.ReadSnapshotChunk(peer.Node, peer.Transfer!.Meta, peer.Transfer.Cursor));
}
