using System.CommandLine;
using RaftQueue.Chaos.Commands;
using RaftQueue.Client;

var root = new RootCommand("Real RaftQueue servers under real faults, and a checker of what clients saw.")
{
    RunCommand.Create(),
    FailoverCommand.Create(),
    EndureCommand.Create(),
    CheckCommand.Create(),
};

try
{
    // Ctrl-C is heard as a cancellation; taking down the cluster may take a while longer than the default allows.
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
}
catch (OperationCanceledException)
{
    Console.WriteLine("Stopped before the end; no verdict.");
    return 130;
}
catch (Exception problem) when (problem is ArgumentException or FormatException or IOException or InvalidOperationException or RaftQueueException)
{
    await Console.Error.WriteLineAsync($"chaos: {problem.Message}");
    return 2;
}
