using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Snapshots;

/// <summary>
/// Takes in the leader's snapshot chunk by chunk, in order, and says which it wants next. Pieces have the same name and the same bytes on every replica, so
/// what is there already is not asked for again, neither from an own snapshot nor from an interrupted installation.
/// </summary>
internal sealed class SnapshotReceiver(SnapshotShelf shelf)
{
    private SnapshotMeta? _meta;
    private SnapshotCursor _wanted;
    private ReadOnlyMemory<byte> _manifest;
    private IReadOnlyList<string> _names = [];
    private byte[] _piece = [];

    public async Task<object?> StoreAsync(InstallSnapshot chunk)
    {
        if (_meta?.LastIncludedIndex != chunk.Meta.LastIncludedIndex)
            (_meta, _wanted, _names) = (chunk.Meta, SnapshotCursor.Start, []);
        if (chunk.Cursor != _wanted || chunk.PieceLength < chunk.Cursor.Offset + chunk.Data.Length)
            return Wanted(_wanted);

        if (chunk.Cursor.Offset == 0)
            _piece = new byte[chunk.PieceLength];
        chunk.Data.CopyTo(_piece.AsMemory(chunk.Cursor.Offset));
        var end = chunk.Cursor.Offset + chunk.Data.Length;
        return end < chunk.PieceLength ? Wanted(chunk.Cursor with { Offset = end }) : await FinishPieceAsync(chunk.Cursor.Piece);
    }

    private async Task<object?> FinishPieceAsync(long number)
    {
        if (number == 0)
        {
            _manifest = _piece;
            _names = SnapshotManifest.PieceNames(_manifest);
            await shelf.NoteAsync(_meta!.LastIncludedIndex, _names);
        }
        else
        {
            await shelf.SavePieceAsync(_names[(int)number - 1], _piece);
        }

        for (var next = number + 1; next <= _names.Count; next++)
        {
            if (!await shelf.HasPieceAsync(_names[(int)next - 1]))
                return Wanted(new SnapshotCursor(next, 0));
        }

        return await FinishAsync();
    }

    private async Task<object?> FinishAsync()
    {
        var meta = _meta!;
        _meta = null;
        await shelf.SaveManifestAsync(meta.LastIncludedIndex, _manifest);
        return new Input.SnapshotChunkStored(meta, Next: null, Refusal: "");
    }

    private Input.SnapshotChunkStored Wanted(SnapshotCursor cursor)
    {
        _wanted = cursor;
        return new Input.SnapshotChunkStored(_meta!, cursor, Refusal: "");
    }
}
