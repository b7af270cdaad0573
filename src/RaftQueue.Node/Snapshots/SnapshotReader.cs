using RaftQueue.Contracts;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Snapshots;

/// <summary>Reads a snapshot chunk by chunk for a follower. The piece at hand is kept, because its next chunk is wanted next.</summary>
internal sealed class SnapshotReader(SnapshotShelf shelf)
{
    private LogIndex _index;
    private LogIndex _oldest = LogIndex.Zero;
    private ReadOnlyMemory<byte> _manifest;
    private IReadOnlyList<string> _names = [];
    private long _pieceNumber = -1;
    private ReadOnlyMemory<byte> _piece;

    /// <summary>Older snapshots are gone.</summary>
    public void ForgetBefore(LogIndex index) => _oldest = LogIndex.Max(_oldest, index);

    /// <summary>The chunk; null where the snapshot has given way to a newer one, which the leader then turns to by itself.</summary>
    public async Task<object?> ReadAsync(Effect.ReadSnapshotChunk read)
    {
        var (cursor, index) = (read.Cursor, read.Meta.LastIncludedIndex);
        if (index < _oldest)
            return null;
        if (_index != index)
        {
            _manifest = await shelf.LoadManifestAsync(index);
            _names = SnapshotManifest.PieceNames(_manifest);
            (_index, _pieceNumber) = (index, -1);
        }

        if (cursor.Piece < 0 || cursor.Piece > _names.Count)
            return null; // a follower that speaks of another snapshot; it will say so again
        if (_pieceNumber != cursor.Piece)
        {
            _piece = cursor.Piece == 0 ? _manifest : await shelf.LoadPieceAsync(_names[(int)cursor.Piece - 1]);
            _pieceNumber = cursor.Piece;
        }

        if (cursor.Offset < 0 || cursor.Offset > _piece.Length)
            return null;
        var length = Math.Min(Bounds.MaxChunkBytes, _piece.Length - cursor.Offset);
        return new Input.SnapshotChunkRead(read.To, read.Meta, cursor, _piece.Length, _piece.Slice(cursor.Offset, length));
    }
}
