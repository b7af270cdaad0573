using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>A part of a snapshot. Pieces of the same name have the same bytes, on every replica.</summary>
/// <param name="Name">Letters, digits and <c>. _ -</c> only.</param>
/// <param name="Bytes">What is in it; never changes.</param>
public sealed record Piece(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>A machine's state at one point of the log.</summary>
/// <param name="Index">The last entry that is in it.</param>
/// <param name="Stamp">The log time there.</param>
/// <param name="Manifest">Names all pieces, with their lengths and hashes, and is hashed itself.</param>
/// <param name="NewPieces">
/// Those pieces that the previous capture did not have; the manifest may name them once they are stored. Their bytes are valid until <see cref="QueueMachine.MarkStored"/>
/// says that they are.
/// </param>
public sealed record SnapshotCapture(LogIndex Index, LogTime Stamp, ReadOnlyMemory<byte> Manifest, IReadOnlyList<Piece> NewPieces);

/// <summary>A snapshot's manifest or one of its pieces is not what was captured.</summary>
public sealed class DamagedSnapshotException : Exception
{
    internal DamagedSnapshotException(string piece, string problem)
        : base($"Snapshot piece '{piece}' is damaged: {problem}. Fetch the snapshot anew from another node.") => Piece = piece;

    /// <summary>The name of the piece; <c>manifest</c> for the manifest.</summary>
    public string Piece { get; }
}

/// <summary>A snapshot was made by a newer version of the machine, and this one cannot read it.</summary>
public sealed class NewerSnapshotException : Exception
{
    internal NewerSnapshotException(long version)
        : base($"The snapshot has version {version}; this node knows versions up to {QueueMachine.Version}. Upgrade this node.") => SnapshotVersion = version;

    /// <summary>The version that the snapshot has.</summary>
    public long SnapshotVersion { get; }
}

/// <summary>A snapshot was made by an older version of the machine than this one reads.</summary>
public sealed class OlderSnapshotException : Exception
{
    internal OlderSnapshotException(long version)
        : base(
            $"The snapshot has version {version}; this node reads versions {QueueMachine.OldestReadableVersion} to {QueueMachine.Version}. "
            + "Its data was written by a preview of RaftQueue: start this node with an empty data directory.") => SnapshotVersion = version;

    /// <summary>The version that the snapshot has.</summary>
    public long SnapshotVersion { get; }
}
