using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Storage;

namespace RaftQueue.Simulation.Nodes;

/// <summary>Reads chunks of its own snapshot for others, and puts a leader's snapshot together from the chunks that arrive. Small chunks, so that small snapshots have several.</summary>
public sealed class ChunkCarrier(Life life, World world)
{
    private const int ChunkBytes = 300;
    private Reception? _reception;

    /// <summary>The pieces that a snapshot on its way in needs.</summary>
    public IEnumerable<string> BeingReceived => _reception?.Pieces ?? [];

    /// <summary>Reads what a follower wants next.</summary>
    public void Read(Effect.ReadSnapshotChunk wanted) => life.Soon(world.DrawWrite(), _ =>
    {
        var shelf = life.Node.Disk.Snapshots;
        if (shelf.At(wanted.Meta.LastIncludedIndex) is not { } stored)
            return;
        var piece = wanted.Cursor.Piece == 0
            ? stored.Manifest
            : shelf.Piece(SnapshotManifest.PieceNames(stored.Manifest)[(int)wanted.Cursor.Piece - 1]);
        var data = piece.Slice(wanted.Cursor.Offset, Math.Min(ChunkBytes, piece.Length - wanted.Cursor.Offset));
        life.Hear(new Input.SnapshotChunkRead(wanted.To, wanted.Meta, wanted.Cursor, piece.Length, data));
    });

    /// <summary>Stores a chunk of the leader's snapshot and says what is wanted next.</summary>
    public void Store(InstallSnapshot chunk) => life.Soon(world.DrawWrite(), _ =>
    {
        if (life.Node.MayCrashAt("before a chunk of the leader's snapshot was on disk"))
            return;
        // Two leaders' snapshots at one index restore the same machine, but their manifests may cut it into pieces differently: with the leader, the manifest begins anew.
        if (_reception is null || _reception.Meta != chunk.Meta || _reception.Term != chunk.Term)
            _reception = new Reception(chunk.Meta, chunk.Term);
        _reception.Take(chunk, life.Node.Disk.Snapshots);
        if (_reception.Next is null && !Complete(_reception))
            return;
        life.Hear(new Input.SnapshotChunkStored(chunk.Meta, _reception?.Next, ""));
    });

    private bool Complete(Reception reception)
    {
        if (life.Node.MayCrashAt("between the pieces of the leader's snapshot and its manifest"))
            return false;
        life.Node.Disk.Snapshots.Put(new StoredSnapshot(reception.Meta, reception.Manifest));
        return !life.Node.MayCrashAt("between the leader's snapshot and its event in the journal");
    }

    /// <summary>A snapshot on its way in.</summary>
    private sealed class Reception(SnapshotMeta meta, Term term)
    {
        private readonly List<byte> _piece = [];

        public SnapshotMeta Meta { get; } = meta;

        public Term Term { get; } = term;

        public SnapshotCursor? Next { get; private set; } = SnapshotCursor.Start;

        public byte[] Manifest { get; private set; } = [];

        public IReadOnlyList<string> Pieces { get; private set; } = [];

        public void Take(InstallSnapshot chunk, SnapshotShelf shelf)
        {
            if (Next != chunk.Cursor)
                return;
            _piece.AddRange(chunk.Data.Span);
            Next = new SnapshotCursor(chunk.Cursor.Piece, _piece.Count);
            if (_piece.Count >= chunk.PieceLength)
                FinishPiece(chunk.Cursor.Piece, shelf);
        }

        private void FinishPiece(long number, SnapshotShelf shelf)
        {
            if (number == 0)
            {
                Manifest = [.. _piece];
                Pieces = SnapshotManifest.PieceNames(Manifest);
            }
            else
            {
                shelf.Put(new Piece(Pieces[(int)number - 1], _piece.ToArray()));
            }

            _piece.Clear();
            var missing = Pieces.Skip((int)number).TakeWhile(shelf.Has).Count() + (int)number;
            Next = missing < Pieces.Count ? new SnapshotCursor(missing + 1, 0) : null;
        }
    }
}
