namespace RaftQueue.Contracts.Hocon;

/// <summary>
/// A setting under <c>raftqueue</c> cannot be used. Thrown while a node starts, before anything is opened, so that the
/// operator sees one line that names the key and says what to write instead.
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

    /// <summary>The full HOCON path of the refused setting.</summary>
    public string Path { get; }
}
