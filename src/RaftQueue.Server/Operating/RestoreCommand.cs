using System.CommandLine;
using RaftQueue.Node;
using RaftQueue.Node.Backups;

namespace RaftQueue.Server.Operating;

/// <summary>Begins a new life of a cluster from a backup, with one node.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var configs = ConfigOption.Create("The node's own HOCON files. No node of the cluster runs.");
        var file = new Option<string>("--from") { Description = "The backup.", HelpName = "file", Required = true };
        var command = new Command("restore", "Begins a new life of a cluster from a backup, in the empty data directory of one node.") { configs, file };
        command.SetAction((parsed, _) => Failures.ReportAsync(() => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(file)!)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string file)
    {
        var config = ServerConfig.Read(paths);
        var node = RaftQueueSettings.Create(config).Node;
        var contents = await NodeRestore.RunAsync(config, file);
        foreach (var group in contents.Groups)
            Console.WriteLine($"group {group.Group}: restored through index {group.LastIndex}");
        Console.WriteLine($"Node {node} is now the only member of a new life of the cluster, as of {contents.TakenAt:u}. Start it.");
        Console.WriteLine("Then, for each other node: repair --config its-files, start it, and: member add its-name.");
        return ExitCodes.Success;
    }
}
