namespace RaftQueue.Node.Storage;

/// <summary>A piece is there, but it is not what was saved: its checksum fails, or its row cannot be read as bytes.</summary>
public sealed class DamagedPieceException : StorageException
{
    /// <summary>Names the damaged piece.</summary>
    public DamagedPieceException(string owner, long number, string damage, Exception? cause = null)
        : base($"Piece {number} of {owner} is damaged: {damage}", cause)
    {
        Owner = owner;
        Number = number;
    }

    /// <summary>The persistence id under which the piece was saved.</summary>
    public string Owner { get; }

    /// <summary>
    /// The number of the piece. When the latest piece was asked for and its row does not even say its number, <see cref="long.MaxValue"/>.
    /// </summary>
    public long Number { get; }
}

/// <summary>The snapshot store refused, failed or did not answer in time. Whether the operation took effect is not known.</summary>
public sealed class PieceStoreException : StorageException
{
    /// <summary>Says which operation failed, on what.</summary>
    public PieceStoreException(string operation, string owner, long number, Exception cause)
        : base($"Cannot {operation} piece {number} of {owner}: {cause.Message}", cause)
    {
        Owner = owner;
        Number = number;
    }

    /// <summary>The persistence id of the pieces.</summary>
    public string Owner { get; }

    /// <summary>The number of the piece, or the upper end of the range.</summary>
    public long Number { get; }
}
