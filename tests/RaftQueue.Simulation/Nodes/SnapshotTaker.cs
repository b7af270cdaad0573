using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Storage;

namespace RaftQueue.Simulation.Nodes;

/// <summary>
/// Takes snapshots of the machine. The pieces are separate writes that end in any order, the manifest is written after all of them, and only then may the log be
/// compacted; the node can die after each of these.
/// </summary>
public sealed class SnapshotTaker(Life life, World world)
{
    private Taking? _taking;
    private (long Entries, long Bytes) _applied;

    /// <summary>An entry was applied.</summary>
    public void Count(Entry entry) => _applied = (_applied.Entries + 1, _applied.Bytes + entry.Weight);

    /// <summary>Takes a snapshot if enough was applied since the last.</summary>
    public void MayTake()
    {
        var settings = world.Profile.Retention;
        if (_taking is null && Retention.IsSnapshotDue(_applied.Entries, _applied.Bytes, settings.SnapshotEntries, settings.SnapshotBytes))
            Take(life.Machine.Queues.AppliedIndex);
    }

    /// <summary>Takes a snapshot now.</summary>
    public void Take(LogIndex applied)
    {
        _applied = default;
        var meta = life.Replica.Log.MetaAt(applied);
        var capture = life.Machine.Queues.Capture();
        world.Trace.Say(life.Node.Id.Value, $"takes a snapshot at {applied}: a manifest and {capture.NewPieces.Count} new pieces");
        var taking = _taking = new Taking(meta, capture) { PiecesLeft = capture.NewPieces.Count };
        foreach (var piece in capture.NewPieces)
            life.Soon(world.DrawWrite(), _ => FinishPiece(taking, piece));
        if (capture.NewPieces.Count == 0)
            WriteManifest(taking);
    }

    /// <summary>The leader's snapshot has taken the place of the machine: what was captured from the old one is of no use.</summary>
    public void Abandon() => _taking = null;

    /// <summary>The journal says that the log begins after this index.</summary>
    public void Prune(LogIndex logBase)
    {
        if (world.Rules.ObsoleteSnapshotsThrough(logBase) is not { } through)
            return;
        var own = _taking is { } taking
            ? taking.Capture.NewPieces.Select(piece => piece.Name).Concat(SnapshotManifest.PieceNames(taking.Capture.Manifest))
            : [];
        life.Node.Disk.Snapshots.DeleteThrough(through, own.Concat(life.Chunks.BeingReceived));
    }

    private void FinishPiece(Taking taking, Piece piece)
    {
        if (life.Node.MayCrashAt($"before snapshot piece {piece.Name} was on disk"))
            return;
        life.Node.Disk.Snapshots.Put(piece);
        taking.PiecesLeft--;
        if (taking.PiecesLeft == 0)
            WriteManifest(taking);
    }

    private void WriteManifest(Taking taking) => life.Soon(world.DrawWrite(), _ =>
    {
        if (_taking != taking || life.Node.MayCrashAt("between the snapshot's pieces and its manifest"))
            return;
        life.Node.Disk.Snapshots.Put(new StoredSnapshot(taking.Meta, taking.Capture.Manifest));
        _taking = null;
        if (life.Node.MayCrashAt("between the snapshot's manifest and the compaction"))
            return;
        Compact(taking.Meta);
    });

    private void Compact(SnapshotMeta meta)
    {
        var log = life.Replica.Log;
        if (meta.LastIncludedIndex > log.Snapshot.LastIncludedIndex)
            life.Hear(new Input.SnapshotStored(meta, Retention.CompactThrough(log, meta.LastIncludedIndex, world.Profile.Retention.KeptLogBytes)));
    }

    private sealed record Taking(SnapshotMeta Meta, SnapshotCapture Capture)
    {
        public int PiecesLeft { get; set; }
    }
}
