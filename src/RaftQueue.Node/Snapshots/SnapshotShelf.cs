using RaftQueue.Contracts;
using RaftQueue.Core.Queue;
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
    private const long TheOnlyNumber = 1;

    private readonly string _root = $"raftqueue/{node}/{group}/snapshot";

    private string Manifests => $"{_root}/manifest";

    private string Intents => $"{_root}/intent";

    public async Task SaveAsync(SnapshotCapture capture)
    {
        await NoteAsync(capture.Index, capture.NewPieces.Select(piece => piece.Name));
        foreach (var piece in capture.NewPieces)
            await SavePieceAsync(piece.Name, piece.Bytes);
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

    /// <summary>Whether an undamaged piece of this name is there.</summary>
    public async Task<bool> HasPieceAsync(string name)
    {
        try
        {
            return await store.LoadPieceAsync(Piece(name), TheOnlyNumber) is not null;
        }
        catch (DamagedPieceException)
        {
            return false; // the leader's copy takes its place
        }
    }

    public async Task<QueueMachine> LoadMachineAsync(LogIndex index)
    {
        var manifest = await LoadManifestAsync(index);
        var pieces = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var name in SnapshotManifest.PieceNames(manifest))
            pieces[name] = await LoadPieceAsync(name);
        return QueueMachine.Restore(manifest, name => pieces[name]);
    }

    /// <summary>Removes every snapshot before <paramref name="index"/>, and the pieces that only they named.</summary>
    public async Task ForgetBeforeAsync(LogIndex index)
    {
        var kept = SnapshotManifest.PieceNames(await LoadManifestAsync(index)).ToHashSet();
        foreach (var name in await NamesBeforeAsync(index))
        {
            if (!kept.Contains(name))
                await store.DeletePieceAsync(Piece(name), TheOnlyNumber);
        }

        await store.DeletePiecesThroughAsync(Manifests, index.Value - 1);
        await store.DeletePiecesThroughAsync(Intents, index.Value - 1);
    }

    private async Task<HashSet<string>> NamesBeforeAsync(LogIndex index)
    {
        var names = new HashSet<string>();
        await foreach (var (_, manifest) in Before(Manifests, index))
            names.UnionWith(SnapshotManifest.PieceNames(manifest));
        await foreach (var (_, noted) in Before(Intents, index))
            names.UnionWith(SnapshotNames.Decode(noted));
        return names;
    }

    private async IAsyncEnumerable<StoredPiece> Before(string owner, LogIndex index)
    {
        var limit = index.Value - 1;
        while (limit >= 0 && await store.LoadLatestThroughAsync(owner, limit) is { } found)
        {
            yield return found;
            limit = found.Number - 1;
        }
    }

    private string Piece(string name) => $"{_root}/{name}";
}
