using System.CommandLine;

namespace RaftQueue.Server.Operating;

/// <summary>Shows how every node sees every group.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        var configs = ConfigOption.Create("A client's HOCON file, such as hocon/client.conf.");
        var json = new Option<bool>("--json") { Description = "As JSON, for programs." };
        const string description =
            "Shows how every node sees every group: role, term, leader, indexes, digest, health. Exit code 1 where one does not answer or is not healthy.";
        var command = new Command("status", description) { configs, json };
        command.SetAction((parsed, stop) => Failures.ReportAsync(() => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(json), stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, bool isJson, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        var answers = await ClusterStatus.ReadAsync(client, stop);
        if (isJson)
            Console.WriteLine(StatusJson.Of(answers));
        else
            StatusTable.Write(answers);
        return ClusterStatus.ProblemOf(answers) is { } problem ? Failures.Report(problem, ExitCodes.Failed) : ExitCodes.Success;
    }
}
