using System.CommandLine;
using RaftQueue.Benchmarks.Compare;
using RaftQueue.Benchmarks.Load;
using RaftQueue.Benchmarks.Micro;
using RaftQueue.Benchmarks.Reference;
using RaftQueue.Benchmarks.Sweep;
using RaftQueue.Client;
using Spectre.Console;

// A table that goes into a file has no screen to fit.
if (Console.IsOutputRedirected)
    AnsiConsole.Profile.Width = 200;

var root = new RootCommand("Measures RaftQueue: under load, beside another queue, and piece by piece.");
root.Subcommands.Add(LoadCommand.Create());
root.Subcommands.Add(CompareCommand.Create());
root.Subcommands.Add(SweepCommand.Create());
root.Subcommands.Add(SpikeCommand.Create());
root.Subcommands.Add(MicroCommand.Create());
try
{
    // Ctrl-C is heard as a cancellation; taking down a cluster may take a while longer than the default allows.
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Stopped before the end.");
    return 130;
}
catch (Exception problem) when (problem is ArgumentException or IOException or InvalidOperationException or RaftQueueException)
{
    await Console.Error.WriteLineAsync($"benchmarks: {problem.Message}");
    return 2;
}
