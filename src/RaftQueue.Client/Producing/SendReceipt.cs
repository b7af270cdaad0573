namespace RaftQueue.Client.Producing;

/// <summary>The message is on disk on a majority of the nodes, and survives the loss of any minority.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Sequence">Its place in the queue, for ever its own.</param>
public readonly record struct SendReceipt(string Queue, long Sequence);
