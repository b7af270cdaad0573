using System.CommandLine;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node;
using RaftQueue.Node.Storage;

namespace RaftQueue.Server;

/// <summary>Runs a node until it is asked to stop.</summary>
internal static class RunCommand
{
    /// <summary>Exit code for what the operator has to mend: settings, data directory, address.</summary>
    private const int CannotStart = 2;

    public static void AddTo(RootCommand root)
    {
        var configs = ConfigOption.Create("The node's HOCON file; several may be given, and a later one wins.");
        root.Options.Add(configs);
        root.SetAction((parsed, stop) => RunAsync(parsed.GetValue(configs) ?? [], stop));
    }

    private static async Task<int> RunAsync(string[] paths, CancellationToken stop)
    {
        RaftQueueNode node;
        try
        {
            var files = paths.Length > 0 ? HoconFile.Load(paths) : Config.Empty;
            node = RaftQueueNode.Start(EnvironmentSettings.Read(Environment.GetEnvironmentVariables()).WithFallback(files));
        }
        catch (Exception problem) when (problem is RaftQueueConfigurationException or DataDirectoryException or StorageException or NodeStartException)
        {
            await Console.Error.WriteLineAsync($"raftqueue: cannot start: {problem.Message}");
            return CannotStart;
        }

        Describe(node);
        await WaitAsync(node, stop);
        Console.WriteLine("Stopping: leadership is handed over first.");
        await node.StopAsync();
        Console.WriteLine("Stopped.");
        return 0;
    }

    private static void Describe(RaftQueueNode node)
    {
        var settings = node.Settings;
        Console.WriteLine($"RaftQueue node {settings.Node} at {node.Address}");
        Console.WriteLine($"  data     {node.StorageDescription} (incarnation {node.Incarnation})");
        Console.WriteLine($"  peers    {(settings.Members.Count > 0 ? string.Join(", ", settings.Members) : "none yet: waits to be added")}");
        Console.WriteLine($"  groups   {settings.Groups}");
        Console.WriteLine("  role     follower, as always at first; changes are logged below");
    }

    private static async Task WaitAsync(RaftQueueNode node, CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        await using var registration = stop.Register(stopped.SetResult);
        await Task.WhenAny(stopped.Task, node.System.WhenTerminated);
    }
}
