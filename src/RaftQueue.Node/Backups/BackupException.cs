namespace RaftQueue.Node.Backups;

/// <summary>A backup cannot be taken or restored. The message is for the operator: what is wrong, where, what to do.</summary>
public sealed class BackupException(string message, Exception? cause = null) : Exception(message, cause);
