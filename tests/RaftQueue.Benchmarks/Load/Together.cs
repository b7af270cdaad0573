namespace RaftQueue.Benchmarks.Load;

/// <summary>Things that are closed together.</summary>
internal sealed class Together<T> : List<T>, IAsyncDisposable
    where T : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        foreach (var member in this)
            await member.DisposeAsync();
    }
}
