using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>Waiting for what must come, with a deadline.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task<T> HearAsync<T>(Func<IEnumerable<T>> what, Func<T, bool>? which = null, int count = 1)
    {
        var all = await HearAllAsync(what, which, count);
        return all[count - 1];
    }

    public static async Task<List<T>> HearAllAsync<T>(Func<IEnumerable<T>> what, Func<T, bool>? which, int count)
    {
        List<T> heard = [];
        await HoldsAsync(() => (heard = [.. what().Where(which ?? (_ => true))]).Count >= count, $"{count} of {typeof(T).Name}");
        return heard;
    }

    public static async Task HoldsAsync(Func<bool> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            if (deadline.IsCancellationRequested)
                Assert.Fail($"Not within {Deadline.TotalSeconds} s: {what}.");
            await beat.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Deadline);

    public static Task InTime(this Task task) => task.WaitAsync(Deadline);
}
