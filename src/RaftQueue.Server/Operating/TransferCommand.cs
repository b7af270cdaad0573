using System.CommandLine;

namespace RaftQueue.Server.Operating;

/// <summary>Hands the leadership of a group over, before work on the machine of its leader.</summary>
internal static class TransferCommand
{
    public static Command Create()
    {
        var configs = ConfigOption.Create("A client's HOCON file, such as hocon/client.conf.");
        var target = new Option<string?>("--to") { Description = "The new leader; without it the most up-to-date voter.", HelpName = "node" };
        var group = GroupOption.Create();
        var command = new Command("transfer", "Hands the leadership of a group over.") { configs, target, group };
        command.SetAction((parsed, stop) => Failures.ReportAsync(
            () => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(target), parsed.GetValue(group), stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string? target, int group, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        var leader = await client.Admin.TransferLeadershipAsync(target, group, stop);
        Console.WriteLine($"Node {leader} leads group {group}.");
        return ExitCodes.Success;
    }
}
