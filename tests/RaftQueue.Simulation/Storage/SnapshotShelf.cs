using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;

namespace RaftQueue.Simulation.Storage;

/// <summary>A snapshot whose manifest is on disk.</summary>
public sealed record StoredSnapshot(SnapshotMeta Meta, ReadOnlyMemory<byte> Manifest);

/// <summary>
/// The machine's snapshots on disk. Pieces are written one by one, the manifest last: until it is there, the snapshot does not exist, and after that all of its pieces do.
/// </summary>
public sealed class SnapshotShelf
{
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _pieces = [];
    private readonly List<StoredSnapshot> _snapshots = [];

    /// <summary>Whether a piece is on disk.</summary>
    public bool Has(string piece) => _pieces.ContainsKey(piece);

    /// <summary>The bytes of a piece.</summary>
    public ReadOnlyMemory<byte> Piece(string name) =>
        _pieces.TryGetValue(name, out var bytes) ? bytes : throw new InvalidOperationException($"The snapshot piece {name} is not on the disk.");

    /// <summary>The snapshot at this index, or null.</summary>
    public StoredSnapshot? At(LogIndex index) => _snapshots.Find(snapshot => snapshot.Meta.LastIncludedIndex == index);

    /// <summary>Makes a piece durable.</summary>
    public void Put(Piece piece) => _pieces[piece.Name] = piece.Bytes;

    /// <summary>Makes a snapshot durable.</summary>
    public void Put(StoredSnapshot snapshot)
    {
        if (At(snapshot.Meta.LastIncludedIndex) is null)
            _snapshots.Add(snapshot);
    }

    /// <summary>
    /// Deletes the snapshots through <paramref name="through"/>, and the pieces that neither a manifest names nor a snapshot that is being
    /// written. As in the piece
    /// store of a node, a number that no snapshot can have is a mistake of the caller.
    /// </summary>
    public void DeleteThrough(LogIndex through, IEnumerable<string> beingWritten)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(through.Value);
        _snapshots.RemoveAll(snapshot => snapshot.Meta.LastIncludedIndex <= through);
        var named = _snapshots.SelectMany(snapshot => SnapshotManifest.PieceNames(snapshot.Manifest)).Concat(beingWritten).ToHashSet();
        foreach (var name in _pieces.Keys.Where(name => !named.Contains(name)).ToList())
            _pieces.Remove(name);
    }

    /// <summary>Loses everything.</summary>
    public void Clear()
    {
        _pieces.Clear();
        _snapshots.Clear();
    }
}
