using RaftQueue.Benchmarks.Systems;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Load;

/// <summary>Shows how far a run is, on standard error, so that standard output is results only.</summary>
internal static class LoadProgress
{
    public static async Task<LoadReport> ShowAsync(IQueueSystem system, LoadOptions options)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        var title = $"{system.Name} {options.Workload.ToString().ToLowerInvariant()}";
        LoadReport? report = null;
        await console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask(title, maxValue: options.Count);
            report = await LoadRun.ExecuteAsync(system, options, through => bar.Value = through);
            bar.Value = options.Count;
        });
        return report!;
    }
}
