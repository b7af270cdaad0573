namespace RaftQueue.Client.Connection;

/// <summary>
/// Pauses that double from <paramref name="Min"/> to <paramref name="Max"/>, half of each random: clients that failed together do not
/// return together.
/// </summary>
internal readonly record struct Backoff(TimeSpan Min, TimeSpan Max)
{
    private const int MostDoublings = 20;

    public TimeSpan PauseBefore(int retry)
    {
        var full = Math.Min(Max.Ticks, Min.Ticks * Math.Pow(2, Math.Min(retry, MostDoublings)));
        return TimeSpan.FromTicks((long)(full * (0.5 + (Random.Shared.NextDouble() / 2))));
    }
}
