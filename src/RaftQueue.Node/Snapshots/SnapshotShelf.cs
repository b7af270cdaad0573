using RaftQueue.Contracts;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Snapshots;

/// <summary>
/// The snapshots of one replica, as they lie in the piece store: manifests by the index they cover, and pieces by name, shared between the snapshots that name
/// them. A snapshot is there when its manifest is there: it is written last.
/// </summary>
/// <remarks>
/// The names that a save is about to write are noted before, so that what an interrupted save left behind is found and removed.
/// </remarks>
internal sealed class SnapshotShelf(PieceStore store, NodeId node, GroupId group)
{
    /// <summary>So many pieces are deleted together, and share a sync.</summary>
    internal const int DeletedAtOnce = 16;

    private const long TheOnlyNumber = ReplicaNames.TheOnlyNumber;
    private static readonly ParallelOptions SeveralAtOnce = new() { MaxDegreeOfParallelism = 4 }; // they share a sync, and are copies in memory

    private string Manifests => ReplicaNames.Manifests(node, group);

    private string Intents => ReplicaNames.Intents(node, group);

    public async Task SaveAsync(SnapshotCapture capture)
    {
        await NoteAsync(capture.Index, capture.NewPieces.Select(piece => piece.Name));
        await Parallel.ForEachAsync(capture.NewPieces, SeveralAtOnce, async (piece, _) => await SavePieceAsync(piece.Name, piece.Bytes));
        await SaveManifestAsync(capture.Index, capture.Manifest);
    }

    public Task NoteAsync(LogIndex index, IEnumerable<string> names) =>
        store.SavePieceAsync(Intents, index.Value, SnapshotNames.Encode(names));

    public Task SavePieceAsync(string name, ReadOnlyMemory<byte> bytes) => store.SavePieceAsync(Piece(name), TheOnlyNumber, bytes);

    public Task SaveManifestAsync(LogIndex index, ReadOnlyMemory<byte> manifest) => store.SavePieceAsync(Manifests, index.Value, manifest);

    public async Task<ReadOnlyMemory<byte>> LoadManifestAsync(LogIndex index) =>
        await store.LoadPieceAsync(Manifests, index.Value)
        ?? throw new DamagedPieceException(Manifests, index.Value, "it is missing, although the log starts after it.");

    public async Task<ReadOnlyMemory<byte>> LoadPieceAsync(string name) =>
        await store.LoadPieceAsync(Piece(name), TheOnlyNumber)
        ?? throw new DamagedPieceException(Piece(name), TheOnlyNumber, "it is missing, although a snapshot names it.");

    /// <summary>Whether the piece is there as this manifest describes it.</summary>
    public async Task<bool> HasPieceAsync(ReadOnlyMemory<byte> manifest, string name)
    {
        try
        {
            if (await store.LoadPieceAsync(Piece(name), TheOnlyNumber) is not { } piece)
                return false;
            SnapshotManifest.Verify(manifest, name, piece);
            return true;
        }
        catch (Exception damage) when (damage is DamagedPieceException or DamagedSnapshotException)
        {
            return false; // the leader's copy takes its place
        }
    }

    /// <summary>The machine without its full segments: they are read when somebody needs them, so that a deep backlog neither delays a start nor fills memory.</summary>
    public async Task<QueueMachine> LoadMachineAsync(LogIndex index) => await RestoreAsync(await LoadManifestAsync(index));

    /// <summary>The same of the oldest snapshot at or after an index; null where there is none.</summary>
    public async Task<QueueMachine?> LoadOldestMachineAsync(LogIndex from)
    {
        ReadOnlyMemory<byte>? oldest = null;
        await foreach (var (_, manifest) in StoredAsync(Manifests, from, new LogIndex(long.MaxValue - 1)))
            oldest = manifest;
        return oldest is { } found ? await RestoreAsync(found) : null;
    }

    /// <summary>
    /// Removes every snapshot that the log does not need any more, now that it begins after <paramref name="logBase"/>, and the pieces that
    /// only they
    /// named. What a later snapshot names stays too: it may be on its way in, and count on pieces that are here already.
    /// </summary>
    public async Task ForgetBeforeAsync(LogIndex logBase)
    {
        if (Retention.ObsoleteSnapshotsThrough(logBase) is not { } through)
            return;
        var latest = new LogIndex(long.MaxValue - 1);
        var kept = await NamesAsync(through.Next, latest);
        await DeletePiecesAsync((await NamesAsync(LogIndex.Zero, through)).Except(kept));
        await store.DeletePiecesThroughAsync(Manifests, through.Value);
        await store.DeletePiecesThroughAsync(Intents, through.Value);
    }

    // A deep backlog that was consumed leaves hundreds of pieces, on all replicas at the same time.
    private async Task DeletePiecesAsync(IEnumerable<string> names)
    {
        foreach (var several in names.Chunk(DeletedAtOnce))
            await Task.WhenAll(several.Select(name => store.DeletePieceAsync(Piece(name), TheOnlyNumber)));
    }

    private async Task<QueueMachine> RestoreAsync(ReadOnlyMemory<byte> manifest)
    {
        var pieces = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var name in SnapshotManifest.PieceNamesWithoutSealedSegments(manifest))
            pieces[name] = await LoadPieceAsync(name);
        return QueueMachine.Restore(manifest, name => pieces[name], loadsSegments: false);
    }

    private async Task<HashSet<string>> NamesAsync(LogIndex from, LogIndex through)
    {
        var names = new HashSet<string>();
        await foreach (var (_, manifest) in StoredAsync(Manifests, from, through))
            names.UnionWith(SnapshotManifest.PieceNames(manifest));
        await foreach (var (_, noted) in StoredAsync(Intents, from, through))
            names.UnionWith(SnapshotNames.Decode(noted));
        return names;
    }

    private async IAsyncEnumerable<StoredPiece> StoredAsync(string owner, LogIndex from, LogIndex through)
    {
        var limit = through.Value;
        while (limit >= from.Value && await store.LoadLatestThroughAsync(owner, limit) is { } found && found.Number >= from.Value)
        {
            yield return found;
            limit = found.Number - 1;
        }
    }

    private string Piece(string name) => ReplicaNames.Piece(node, group, name);
}
