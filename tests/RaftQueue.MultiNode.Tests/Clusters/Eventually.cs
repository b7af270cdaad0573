using System.Diagnostics;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>Conditions that are awaited, with a deadline.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Completes when the condition holds, and fails with what was last seen when it does not in time.</summary>
    public static Task HoldsAsync(string claim, Func<Task<bool>> condition, TimeSpan? within = null) =>
        GivesAsync(claim, async () => await condition() ? "yes" : null, within);

    /// <summary>Completes with the first thing that <paramref name="look"/> finds.</summary>
    public static async Task<T> GivesAsync<T>(string claim, Func<Task<T?>> look, TimeSpan? within = null, Func<Task<string>>? describe = null)
        where T : class
    {
        var deadline = within ?? Deadline;
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await look() is { } found)
                return found;
            if (watch.Elapsed > deadline)
                throw new TimeoutException($"Not within {deadline.TotalSeconds:0.#} s: {claim}. {(describe is null ? "" : await describe())}");
            await Task.Delay(Pause);
        }
    }
}
