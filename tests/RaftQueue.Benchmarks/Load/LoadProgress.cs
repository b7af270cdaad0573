using System.Runtime.CompilerServices;
using RaftQueue.Benchmarks.Systems;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Load;

/// <summary>Shows how far a run is, on standard error, so that standard output is results only.</summary>
internal static class LoadProgress
{
    /// <summary>
    /// Warms a fresh system up, does one run after the other, and prints a JSON line for each. After a cancellation the system can only be
    /// disposed.
    /// </summary>
    public static async IAsyncEnumerable<LoadReport> ShowEachAsync(
        IQueueSystem system, IEnumerable<LoadOptions> runs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var isWarm = false;
        foreach (var options in runs)
        {
            if (!isWarm && options.Warmup > 0)
                await ShowAsync($"{system.Name} warm-up", options.Warmup, progress => LoadRun.WarmUpAsync(system, options.Warmup, progress), cancellation);
            isWarm = true;
            LoadReport? report = null;
            var title = $"{system.Name} {options.Workload.ToString().ToLowerInvariant()}";
            await ShowAsync(title, options.Count, async progress => report = await LoadRun.ExecuteAsync(system, options, progress), cancellation);
            Console.WriteLine(report!.ToJson());
            yield return report;
        }
    }

    /// <inheritdoc cref="ShowEachAsync"/>
    public static async Task<List<LoadReport>> ShowAllAsync(IQueueSystem system, IEnumerable<LoadOptions> runs, CancellationToken cancellation)
    {
        var reports = new List<LoadReport>();
        await foreach (var report in ShowEachAsync(system, runs, cancellation))
            reports.Add(report);
        return reports;
    }

    private static async Task ShowAsync(string title, int count, Func<Action<int>, Task> run, CancellationToken cancellation)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask(title, maxValue: count);
            await run(through => bar.Value = through).WaitAsync(cancellation);
            bar.Value = count;
        });
    }
}
