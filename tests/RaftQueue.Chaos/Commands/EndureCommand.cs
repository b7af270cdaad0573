using System.CommandLine;
using Spectre.Console;

namespace RaftQueue.Chaos.Commands;

/// <summary><c>endure</c>: load at full speed, without a fault; no election may come of it.</summary>
internal static class EndureCommand
{
    public static Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "How many servers.", DefaultValueFactory = _ => 3 };
        var duration = new Option<TimeSpan>("--duration") { Description = "How long, as 60s, 10m or 1h.", DefaultValueFactory = _ => TimeSpan.FromMinutes(1), CustomParser = Durations.Parse };
        var command = new Command("endure", "Loads servers as much as they take, at default settings, and looks for needless elections, failed sends and growing memory.") { nodes, duration };
        command.SetAction((parsed, stop) => RunAsync(parsed.GetValue(nodes), parsed.GetValue(duration), stop));
        return command;
    }

    private static async Task<int> RunAsync(int nodes, TimeSpan duration, CancellationToken stop)
    {
        Endurance? result = null;
        await AnsiConsole.Progress().Columns(new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }).StartAsync(async bar =>
        {
            var task = bar.AddTask("the cluster starts", maxValue: 1);
            result = await EnduranceRun.ExecuteAsync(nodes, duration, (share, confirmed) => (task.Value, task.Description) = (share, $"{confirmed} confirmed"), stop);
        });
        return Report(result!, duration);
    }

    private static int Report(Endurance result, TimeSpan duration)
    {
        Console.WriteLine($"confirmed {result.Confirmed} ({result.Confirmed / duration.TotalSeconds:0} a second), acknowledged {result.Acknowledged}, refused by a full queue {result.Refused}");
        Console.WriteLine($"longest gap between confirms {result.LongestGap.TotalMilliseconds:0} ms, until {Minutes(result.LongestGapAt)}; most memory {string.Join(", ", result.PeakBytes.Select(bytes => $"{bytes >> 20} MiB"))}");
        foreach (var failure in result.Failures)
            Console.WriteLine($"FAILED: {failure}");
        foreach (var election in result.Elections)
            Console.WriteLine($"NEEDLESS: the term rose to {election.Term} at {Minutes(election.At)}");
        if (result.Elections.Count == 0)
            Console.WriteLine("no election");
        return result.Elections.Count == 0 && result.Failures.Count == 0 ? 0 : 1;
    }

    private static string Minutes(TimeSpan at) => $"{at.TotalMinutes:0.0} min";
}
