namespace RaftQueue.Chaos.Faults;

/// <summary>Waiting for conditions, with a deadline.</summary>
public static class Awaiting
{
    /// <summary>Whether a condition came true within the time.</summary>
    public static Task<bool> HoldsAsync(Func<bool> condition, TimeSpan within, CancellationToken cancellation) =>
        HoldsAsync(() => Task.FromResult(condition()), within, cancellation);

    /// <summary>Whether a condition came true within the time.</summary>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition, TimeSpan within, CancellationToken cancellation)
    {
        var deadline = DateTime.UtcNow + within;
        while (!await condition())
        {
            if (DateTime.UtcNow > deadline)
                return false;
            await Task.Delay(50, cancellation);
        }

        return true;
    }
}
