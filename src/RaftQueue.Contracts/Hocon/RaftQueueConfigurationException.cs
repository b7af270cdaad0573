namespace RaftQueue.Contracts.Hocon;

/// <summary>
/// A setting cannot be used. Thrown while a node or a client starts, before anything is opened, so that the operator sees one line that
/// names the key, the file and line or the variable that it was read from, and what to write instead.
/// </summary>
public sealed class RaftQueueConfigurationException : Exception
{
    /// <summary>Refuses the setting at <paramref name="path"/>.</summary>
    /// <param name="path">The full HOCON path, such as <c>raftqueue.storage.provider</c>.</param>
    /// <param name="problem">What is wrong with the value and what is allowed.</param>
    /// <param name="cause">The parser's own error, where there is one.</param>
    public RaftQueueConfigurationException(string path, string problem, Exception? cause = null)
        : base($"{path}: {problem}", cause)
    {
        Path = path;
    }

    internal RaftQueueConfigurationException(string path, string? origin, string problem, Exception? cause = null)
        : base(origin is null ? $"{path}: {problem}" : $"{path} ({origin}): {problem}", cause)
    {
        Path = path;
    }

    /// <summary>The full HOCON path of the refused setting; for a file that is no HOCON, the file and the line.</summary>
    public string Path { get; }
}
