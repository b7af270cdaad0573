using System.CommandLine;
using RaftQueue.Client;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Tests;

/// <summary>Runs the verbs of a tool that takes clusters up and down: what goes wrong, or is stopped, ends in a line for people. Compiled into each such tool.</summary>
internal static class Verbs
{
    private const int Stopped = 130;
    private const int Failed = 2;

    // Ctrl-C is heard as a cancellation; taking down a cluster may take a while longer than the default allows.
    private static readonly InvocationConfiguration Invocation = new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) };

    /// <returns>The exit code: the verb's own, or that of a verb that failed or was stopped.</returns>
    public static async Task<int> InvokeAsync(RootCommand root, string[] args)
    {
        try
        {
            return await root.Parse(args).InvokeAsync(Invocation);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Stopped before the end.");
            return Stopped;
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or IOException or InvalidOperationException or RaftQueueException or RaftQueueConfigurationException)
        {
            await Console.Error.WriteLineAsync($"{root.Name}: {problem.Message}");
            return Failed;
        }
    }
}
