using System.CommandLine;
using System.Diagnostics;
using RaftQueue.Node;

namespace RaftQueue.Server;

/// <summary>Runs a node until it is asked to stop.</summary>
internal static class RunCommand
{
    public static void AddTo(RootCommand root)
    {
        var configs = ConfigOption.Create("The node's HOCON file; several may be given, and a later one wins.");
        root.Options.Add(configs);
        root.SetAction((parsed, stop) => Failures.ReportAsync(() => RunAsync(parsed.GetValue(configs) ?? [], stop)));
    }

    private static async Task<int> RunAsync(string[] paths, CancellationToken stop)
    {
        // A signal waits for a verb that has begun, but ends the process where there is none yet: while a node starts, it must find one.
        await Task.Yield();
        var node = RaftQueueNode.Start(ServerConfig.Read(paths).WithFallback(ServerConfig.Defaults));
        Describe(node);
        if (!await WasAskedToStopAsync(node, stop))
            return Report(await node.Terminated);

        Console.WriteLine("Stopping; leadership is handed over first.");
        var clock = Stopwatch.StartNew();
        await node.StopAsync();
        Console.WriteLine($"Stopped after {clock.Elapsed.TotalSeconds:0.0} s.");
        return ExitCodes.Success;
    }

    private static void Describe(RaftQueueNode node)
    {
        var settings = node.Settings;
        Console.WriteLine($"RaftQueue node {settings.Node} at {node.Address}");
        Console.WriteLine($"  data     {node.StorageDescription} (incarnation {node.Incarnation})");
        Console.WriteLine($"  members  {(settings.Members.Count > 0 ? string.Join(", ", settings.Members) : "none yet: waits to be added")}");
        Console.WriteLine($"  groups   {settings.Groups}");
        Console.WriteLine("  role     follower, as always at first; changes are logged below");
    }

    private static int Report(NodeTermination termination) => Failures.Report(
        $"the node has stopped: {termination.Reason.ReplaceLineEndings(" ")}",
        termination.Cause == NodeTerminationCause.NameTaken ? ExitCodes.CannotStart : ExitCodes.NodeFailed);

    private static async Task<bool> WasAskedToStopAsync(RaftQueueNode node, CancellationToken stop)
    {
        var asked = new TaskCompletionSource();
        await using var registration = stop.Register(asked.SetResult);
        return await Task.WhenAny(asked.Task, node.Terminated) == asked.Task;
    }
}
