namespace RaftQueue.Node.Storage;

/// <summary>
/// The node's data directory cannot be used. The message is one line for the operator: which directory, what is wrong, what to do.
/// The node must not start.
/// </summary>
public sealed class DataDirectoryException : StorageException
{
    /// <summary>Refuses <paramref name="directory"/>.</summary>
    public DataDirectoryException(string directory, string problem, Exception? cause = null)
        : base($"Data directory {directory}: {problem}", cause)
    {
        Directory = directory;
    }

    /// <summary>The full path of the refused directory.</summary>
    public string Directory { get; }
}
