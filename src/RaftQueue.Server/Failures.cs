using RaftQueue.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node;
using RaftQueue.Node.Backups;
using RaftQueue.Node.Storage;

namespace RaftQueue.Server;

/// <summary>Turns what can go wrong into one line for people and an exit code for scripts.</summary>
internal static class Failures
{
    /// <summary>Runs a verb.</summary>
    /// <param name="verb">What to do; returns the exit code.</param>
    public static async Task<int> ReportAsync(Func<Task<int>> verb)
    {
        try
        {
            return await verb();
        }
        catch (OperationCanceledException)
        {
            return Report("stopped before it was done.", ExitCodes.Failed);
        }
        catch (Exception problem)
        {
            return Report(Describe(problem), ExitCodeOf(problem));
        }
    }

    /// <summary>Writes one line to standard error.</summary>
    /// <returns>The exit code, as given.</returns>
    public static int Report(string problem, int exitCode)
    {
        Console.Error.WriteLine($"raftqueue: {problem}");
        return exitCode;
    }

    private static string Describe(Exception problem)
    {
        var message = problem.Message.ReplaceLineEndings(" ");
        if (ExitCodeOf(problem) == ExitCodes.CannotStart)
            return $"cannot start: {message}";
        return IsExpected(problem) ? message : Unexpected(problem.GetBaseException());
    }

    private static string Unexpected(Exception problem) => $"{problem.GetType().Name}: {problem.Message.ReplaceLineEndings(" ")}";

    private static bool IsExpected(Exception problem) => problem is RaftQueueException or BackupException or NothingDoneException or ArgumentException;

    private static int ExitCodeOf(Exception problem) => problem is RaftQueueConfigurationException or DataDirectoryException or StorageException or NodeStartException
        ? ExitCodes.CannotStart
        : ExitCodes.Failed;
}

/// <summary>A verb has found that it must not do what it was asked for; the message says why, and what to do first.</summary>
internal sealed class NothingDoneException(string why) : Exception($"Nothing was done: {why}");
