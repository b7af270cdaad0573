namespace RaftQueue.Client.Producing;

/// <summary>Messages that wait for their confirmation together: one of a single send, or all of an atomic batch.</summary>
/// <param name="Packed">The messages, one behind the other.</param>
/// <param name="Count">How many they are.</param>
/// <param name="IsAtomic">They stand or fall together, in a command of their own.</param>
internal sealed record PendingSend(ReadOnlyMemory<byte> Packed, int Count, bool IsAtomic)
{
    private readonly TaskCompletionSource<long> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The queue's sequence of the first of them. Continuations never run on the actor.</summary>
    public Task<long> Confirmed => _completion.Task;

    /// <summary>When the sender stops waiting, by the monotonic clock.</summary>
    public TimeSpan Deadline { get; set; }

    /// <summary>Nobody waits for it any more.</summary>
    public bool IsOver => _completion.Task.IsCompleted;

    public void Confirm(long firstSequence) => _completion.TrySetResult(firstSequence);

    public void Fail(Exception problem) => _completion.TrySetException(problem);

    public void Cancel(CancellationToken cancellation) => _completion.TrySetCanceled(cancellation);
}
