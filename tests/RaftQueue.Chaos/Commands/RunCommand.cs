using System.CommandLine;
using RaftQueue.Chaos.Reporting;
using Spectre.Console;

namespace RaftQueue.Chaos.Commands;

/// <summary><c>run</c>: random faults under load, and the verdict.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "How many servers.", DefaultValueFactory = _ => 3 };
        var duration = new Option<TimeSpan>("--duration") { Description = "How long faults are injected, as 60s, 10m or 1h.", DefaultValueFactory = _ => TimeSpan.FromMinutes(1), CustomParser = Durations.Parse };
        var seed = new Option<int>("--seed") { Description = "Decides which faults; chosen and printed if it is not given.", DefaultValueFactory = _ => Random.Shared.Next(1_000_000) };
        var history = new Option<string?>("--history") { Description = "Write the history to this file, as JSON lines." };
        var rate = new Option<double>("--rate") { Description = "Messages a second over all producers.", DefaultValueFactory = _ => 300 };
        var only = new Option<string[]>("--faults") { Description = "Only these kinds of faults.", AllowMultipleArgumentsPerToken = true };
        var keep = new Option<bool>("--keep-logs") { Description = "Keep the nodes' output even if the run is valid." };
        var command = new Command("run", "Runs servers under load and random faults, and checks what clients saw.") { nodes, duration, seed, history, rate, only, keep };
        command.SetAction((parsed, stop) => RunAsync(
            new ChaosPlan(parsed.GetValue(nodes), parsed.GetValue(duration), parsed.GetValue(seed))
            {
                PerSecond = parsed.GetValue(rate),
                Only = parsed.GetValue(only) ?? [],
                HistoryPath = parsed.GetValue(history),
                KeepsLogs = parsed.GetValue(keep),
            },
            stop));
        return command;
    }

    private static async Task<int> RunAsync(ChaosPlan plan, CancellationToken stop)
    {
        Console.WriteLine($"{plan.Nodes} nodes, {plan.Duration.TotalSeconds:0} s of faults, seed {plan.Seed}");
        ChaosResult? result = null;
        await AnsiConsole.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }).StartAsync(async bar =>
        {
            var task = bar.AddTask("the cluster starts", maxValue: 1);
            result = await ChaosRun.ExecuteAsync(
                plan,
                AnsiConsole.WriteLine,
                (share, doing) => (task.Value, task.Description) = (share, Markup.Escape(doing)),
                stop);
        });
        RunReport.Print(result!.Events, result.Violations);
        if (result.Logs is { } logs)
            Console.WriteLine($"output of the nodes: {logs}");
        return result.Violations.Count == 0 ? 0 : 1;
    }
}
