using System.CommandLine;
using RaftQueue.Benchmarks.Load;
using RaftQueue.Benchmarks.Systems;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Sweep;

/// <summary>The verb <c>sweep</c>: one setting after the other is varied, to see where RaftQueue would fall off a cliff, and to draw it.</summary>
internal static class SweepCommand
{
    public static Command Create()
    {
        var command = new Command("sweep", "Varies one setting after the other, compares each value with its neighbour, and draws the curves.");
        var by = new Option<string[]>("--by")
        {
            Description = "Which settings.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [.. SweepAxis.All.Select(axis => axis.Name)],
        };
        by.AcceptOnlyFromAmong([.. SweepAxis.All.Select(axis => axis.Name)]);
        var plots = new Option<string?>("--plots") { Description = "A folder to draw the curves into, as SVG." };
        command.Options.Add(by);
        command.Options.Add(plots);
        command.SetAction((parsed, cancellation) => RunAsync(
            [.. SweepAxis.All.Where(axis => parsed.GetValue(by)!.Contains(axis.Name))], parsed.GetValue(plots), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<SweepAxis> axes, string? plots, CancellationToken cancellation)
    {
        foreach (var axis in axes)
        {
            var reports = await RunAsync(axis, cancellation);
            AnsiConsole.Write(SweepTable.Of(axis, reports));
            if (plots is not null)
                Console.WriteLine(Plots.Write(plots, axis, reports));
        }

        return 0;
    }

    // One cluster for all values of a setting, so that only the setting differs.
    private static async Task<List<LoadReport>> RunAsync(SweepAxis axis, CancellationToken cancellation)
    {
        await using var system = await RaftQueueSystem.StartAsync(new ClusterOptions(), cancellation);
        return await LoadProgress.ShowAllAsync(system, axis.Values.Select(axis.Set), cancellation);
    }
}
