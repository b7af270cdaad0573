using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>A decision that waits to be committed.</summary>
internal sealed record PendingSettlement(Settlement Settlement)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsOver => _completion.Task.IsCompleted;

    public void Confirm() => _completion.TrySetResult();

    public void Fail(Exception problem) => _completion.TrySetException(problem);

    /// <summary>Nobody waits for it: that it failed is no news.</summary>
    public void Unobserve() => _completion.Task.ContinueWith(
        task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    public async Task WaitAsync(Ending ending, CancellationToken cancellation)
    {
        using var end = ending.OnEnd(Fail);
        using var registration = cancellation.UnsafeRegister(_ => _completion.TrySetCanceled(cancellation), null);
        await _completion.Task.ConfigureAwait(false);
    }
}
