using System.Buffers;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Snapshots;

/// <summary>
/// Takes in the leader's snapshot chunk by chunk, in order, and says which it wants next. Pieces have the same name and the same bytes on every replica, so
/// what is there already is not asked for again, neither from an own snapshot nor from an interrupted installation.
/// </summary>
/// <remarks>
/// Every piece is held against the manifest before it is stored. What is damaged, or of a newer machine version, is refused by name: the leader is told why, and this
/// replica goes on as it was.
/// </remarks>
internal sealed class SnapshotReceiver(SnapshotShelf shelf)
{
    private (LogIndex Index, Term Term) _snapshot = (new LogIndex(-1), Term.Zero);
    private SnapshotCursor _wanted;
    private ReadOnlyMemory<byte> _manifest;
    private IReadOnlyList<string> _names = [];
    private ArrayBufferWriter<byte> _piece = new();
    private int _pieceLength;

    public async Task<object?> StoreAsync(InstallSnapshot chunk)
    {
        // Two leaders may have cut the same state differently, so a new term starts over; what is stored stays.
        if (_snapshot != (chunk.Meta.LastIncludedIndex, chunk.Term))
            (_snapshot, _wanted, _names) = ((chunk.Meta.LastIncludedIndex, chunk.Term), SnapshotCursor.Start, []);
        try
        {
            return await TakeAsync(chunk);
        }
        catch (Exception refusal) when (refusal is DamagedSnapshotException or NewerSnapshotException or OlderSnapshotException)
        {
            Forget();
            return new Input.SnapshotChunkStored(chunk.Meta, Next: null, refusal.Message);
        }
    }

    private async Task<object?> TakeAsync(InstallSnapshot chunk)
    {
        if (chunk.Cursor != _wanted || !Fits(chunk))
            return Wanted(chunk.Meta, _wanted);
        // Room is made as bytes come, and not for what is announced: the announcement is not checked against anything yet.
        if (chunk.Cursor.Offset == 0)
            (_piece, _pieceLength) = (new ArrayBufferWriter<byte>(), chunk.PieceLength);
        _piece.Write(chunk.Data.Span);
        var end = chunk.Cursor.Offset + chunk.Data.Length;
        return end < chunk.PieceLength
            ? Wanted(chunk.Meta, chunk.Cursor with { Offset = end })
            : await FinishPieceAsync(chunk.Meta, chunk.Cursor.Piece);
    }

    private bool Fits(InstallSnapshot chunk) =>
        chunk.PieceLength - chunk.Cursor.Offset >= chunk.Data.Length && (chunk.Cursor.Offset == 0 || chunk.PieceLength == _pieceLength);

    private async Task<object?> FinishPieceAsync(SnapshotMeta meta, long number)
    {
        var piece = _piece.WrittenMemory;
        if (number == 0)
        {
            _manifest = piece;
            _names = SnapshotManifest.PieceNames(_manifest);
            await shelf.NoteAsync(meta.LastIncludedIndex, _names);
        }
        else
        {
            var name = _names[(int)number - 1];
            SnapshotManifest.Verify(_manifest, name, piece);
            await shelf.SavePieceAsync(name, piece);
        }

        for (var next = number + 1; next <= _names.Count; next++)
        {
            if (!await shelf.HasPieceAsync(_manifest, _names[(int)next - 1]))
                return Wanted(meta, new SnapshotCursor(next, 0));
        }

        await shelf.SaveManifestAsync(meta.LastIncludedIndex, _manifest);
        Forget();
        return new Input.SnapshotChunkStored(meta, Next: null, Refusal: "");
    }

    private Input.SnapshotChunkStored Wanted(SnapshotMeta meta, SnapshotCursor cursor)
    {
        _wanted = cursor;
        return new Input.SnapshotChunkStored(meta, cursor, Refusal: "");
    }

    private void Forget() => (_snapshot, _manifest, _names, _piece) = ((new LogIndex(-1), Term.Zero), default, [], new());
}
