using System.Diagnostics;

namespace RaftQueue.Server.Operating;

/// <summary>Questions to a running cluster that are asked until the answer is one to go on with.</summary>
internal static class AskedAgain
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks, again after each pause, until there is an answer.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="ask">Asks once; null where it is not what is waited for.</param>
    /// <param name="patience">How long it is asked again.</param>
    /// <param name="objection">Why nothing can be done without it, for people.</param>
    /// <param name="stop">Stops asking.</param>
    /// <exception cref="NothingDoneException">It was not answered so for that long.</exception>
    public static async Task<T> UntilAnsweredAsync<T>(Func<Task<T?>> ask, TimeSpan patience, Func<string> objection, CancellationToken stop)
        where T : class
    {
        for (var asked = Stopwatch.StartNew(); ; await Task.Delay(Pause, stop))
        {
            if (await ask() is { } answer)
                return answer;
            if (asked.Elapsed > patience)
                throw new NothingDoneException(objection());
        }
    }
}
