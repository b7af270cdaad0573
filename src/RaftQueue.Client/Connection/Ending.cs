namespace RaftQueue.Client.Connection;

/// <summary>
/// Tells whoever waits for an actor that it has stopped. What is told to a stopped actor is lost without a word; through this, nobody waits
/// for its answer for ever.
/// </summary>
internal sealed class Ending
{
    private readonly CancellationTokenSource _source = new();
    private Exception _problem = new ObjectDisposedException(nameof(RaftQueueClient));

    /// <summary>The actor has stopped and fails whatever it is asked from now on.</summary>
    public void End(Exception problem)
    {
        if (_source.IsCancellationRequested)
            return;
        _problem = problem;
        _source.Cancel();
    }

    /// <summary>Runs <paramref name="fail"/> when the actor stops, or now if it has; not after the registration is disposed.</summary>
    public CancellationTokenRegistration OnEnd(Action<Exception> fail) => _source.Token.UnsafeRegister(_ => fail(_problem), null);
}
