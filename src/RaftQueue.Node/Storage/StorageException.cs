namespace RaftQueue.Node.Storage;

/// <summary>What a node stores could not be opened, written or read. The message says what, where and why.</summary>
public class StorageException(string message, Exception? cause = null) : Exception(message, cause);
