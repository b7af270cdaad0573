using System.Runtime.InteropServices;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node;

namespace RaftQueue.Samples.QuickStart;

/// <summary>What a child process runs: a node, until its parent closes the child's standard input or is gone itself.</summary>
internal static class NodeProgram
{
    public static async Task<int> RunAsync(string config)
    {
        // Ctrl-C in a terminal reaches the whole family; the parent decides what becomes of the children.
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        try
        {
            await using var node = RaftQueueNode.Start(HoconFile.Load(config));
            await Console.In.ReadToEndAsync();
            return 0;
        }
        catch (Exception problem)
        {
            Console.Error.WriteLine(problem.Message);
            return 1;
        }
    }
}
