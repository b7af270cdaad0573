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
    private LogIndex _last;

    /// <summary>Takes a snapshot if enough was applied since the last.</summary>
    public void MayTake()
    {
        var applied = life.Machine.Queues.AppliedIndex;
        var since = LogIndex.Max(_last, life.Replica.Log.Snapshot.LastIncludedIndex);
        if (_taking is null && applied - since >= world.Profile.SnapshotEvery)
            Take(applied);
    }

    /// <summary>Takes a snapshot now.</summary>
    public void Take(LogIndex applied)
    {
        _last = applied;
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

    /// <summary>The journal says that the log stands on the snapshot at this index.</summary>
    public void Prune(LogIndex index)
    {
        var own = _taking is { } taking
            ? taking.Capture.NewPieces.Select(piece => piece.Name).Concat(SnapshotManifest.PieceNames(taking.Capture.Manifest))
            : [];
        life.Node.Disk.Snapshots.Prune(index, own.Concat(life.Chunks.BeingReceived));
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
        var compactThrough = LogIndex.Max(LogIndex.Zero, new LogIndex(taking.Meta.LastIncludedIndex.Value - world.Profile.KeepEntries));
        life.Hear(new Input.SnapshotStored(taking.Meta, compactThrough));
    });

    private sealed record Taking(SnapshotMeta Meta, SnapshotCapture Capture)
    {
        public int PiecesLeft { get; set; }
    }
}
