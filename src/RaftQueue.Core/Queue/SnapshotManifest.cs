using System.Security.Cryptography;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>What a piece holds.</summary>
internal enum PieceKind : byte
{
    /// <summary>All that is small: options, counters, consumers, leases.</summary>
    State = 0,

    /// <summary>A full segment of bodies.</summary>
    SealedSegment = 1,

    /// <summary>The segment that is written to, as far as it goes.</summary>
    OpenSegment = 2,

    /// <summary>A page of message references.</summary>
    Page = 3,

    /// <summary>A bucket of producers.</summary>
    Producers = 4,

    /// <summary>A page of references to messages that are on their way to another group.</summary>
    OutboxPage = 5,
}

/// <summary>A piece, as the manifest names it.</summary>
internal sealed record PieceRecord(PieceKind Kind, long Number, string Name, int Length, byte[] Hash)
{
    public static PieceRecord Of(PieceKind kind, long number, string name, ReadOnlyMemory<byte> bytes) =>
        new(kind, number, name, bytes.Length, SHA256.HashData(bytes.Span));

    /// <exception cref="DamagedSnapshotException">The bytes are not those that were captured.</exception>
    public void Verify(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length != Length)
            throw new DamagedSnapshotException(Name, $"it has {bytes.Length} bytes, not {Length}");
        if (!SHA256.HashData(bytes.Span).AsSpan().SequenceEqual(Hash))
            throw new DamagedSnapshotException(Name, "its hash does not fit");
    }
}

/// <summary>
/// The list of a snapshot's pieces: a magic word, a version, index and time, the pieces with lengths and hashes, and, over all that, a hash of its own.
/// The magic word and the hash at the end are where they are in every version.
/// </summary>
public static class SnapshotManifest
{
    internal const string PieceName = "manifest";

    private const int HashLength = SHA256.HashSizeInBytes;
    private const int MaxNameLength = 128;
    private const int MinRecordBytes = HashLength + 4;

    private static ReadOnlySpan<byte> Magic => "RQSM"u8;

    /// <summary>The names of all pieces of a snapshot, in the order in which they are read.</summary>
    /// <exception cref="DamagedSnapshotException">The manifest is damaged.</exception>
    /// <exception cref="NewerSnapshotException">The manifest was made by a newer version of the machine.</exception>
    /// <exception cref="OlderSnapshotException">The manifest was made by an older version of the machine.</exception>
    public static IReadOnlyList<string> PieceNames(ReadOnlyMemory<byte> manifest) => [.. Read(manifest).Pieces.Select(piece => piece.Name)];

    /// <summary>
    /// The pieces that a machine reads when it is restored without full segments: all the others stay on disk until they are needed.
    /// </summary>
    /// <exception cref="DamagedSnapshotException">The manifest is damaged.</exception>
    /// <exception cref="NewerSnapshotException">The manifest was made by a newer version of the machine.</exception>
    /// <exception cref="OlderSnapshotException">The manifest was made by an older version of the machine.</exception>
    public static IReadOnlyList<string> PieceNamesWithoutSealedSegments(ReadOnlyMemory<byte> manifest) =>
        [.. Read(manifest).Pieces.Where(piece => piece.Kind != PieceKind.SealedSegment).Select(piece => piece.Name)];

    /// <summary>Holds a piece against what a manifest says of it, so that it can be refused before it is kept.</summary>
    /// <exception cref="DamagedSnapshotException">The manifest is damaged or does not name the piece, or the bytes are not those that it describes.</exception>
    /// <exception cref="NewerSnapshotException">The manifest was made by a newer version of the machine.</exception>
    /// <exception cref="OlderSnapshotException">The manifest was made by an older version of the machine.</exception>
    public static void Verify(ReadOnlyMemory<byte> manifest, string piece, ReadOnlyMemory<byte> bytes)
    {
        var record = Read(manifest).Pieces.FirstOrDefault(record => record.Name == piece)
            ?? throw new DamagedSnapshotException(piece, "the manifest does not name it");
        record.Verify(bytes);
    }

    internal static byte[] Write(LogIndex index, long stamp, IReadOnlyCollection<PieceRecord> pieces)
    {
        var writer = new StateWriter();
        writer.Raw(Magic);
        writer.Number(QueueMachine.Version);
        writer.Number(index.Value);
        writer.Number(stamp);
        writer.Number(pieces.Count);
        foreach (var piece in pieces)
        {
            writer.Number((long)piece.Kind);
            writer.Number(piece.Number);
            writer.Text(piece.Name);
            writer.Number(piece.Length);
            writer.Raw(piece.Hash);
        }

        writer.Raw(SHA256.HashData(writer.Written.Span));
        return writer.Written.ToArray();
    }

    internal static (LogIndex Index, IReadOnlyList<PieceRecord> Pieces) Read(ReadOnlyMemory<byte> manifest)
    {
        var body = manifest[..Math.Max(0, manifest.Length - HashLength)];
        if (!body.Span.StartsWith(Magic))
            throw new DamagedSnapshotException(PieceName, "it does not start like a manifest");
        if (!SHA256.HashData(body.Span).AsSpan().SequenceEqual(manifest.Span[body.Length..]))
            throw new DamagedSnapshotException(PieceName, "its hash does not fit");

        var reader = new StateReader(PieceName, body);
        reader.Raw(Magic.Length);
        if (reader.Number() is var version && version > QueueMachine.Version)
            throw new NewerSnapshotException(version);
        if (version < QueueMachine.OldestReadableVersion)
            throw new OlderSnapshotException(version);
        var index = new LogIndex(reader.Number());
        reader.Number();
        var pieces = new PieceRecord[reader.Count(MinRecordBytes)];
        for (var i = 0; i < pieces.Length; i++)
            pieces[i] = new PieceRecord((PieceKind)reader.Number(), reader.Number(), Name(reader), reader.Count(), reader.Raw(HashLength).ToArray());
        return (index, pieces);
    }

    private static string Name(StateReader reader) => reader.Text() is { Length: <= MaxNameLength } name
        ? name
        : throw new DamagedSnapshotException(PieceName, $"it names a piece by more than {MaxNameLength} characters");
}
