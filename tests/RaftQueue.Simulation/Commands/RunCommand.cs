using System.CommandLine;
using System.Diagnostics;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using Spectre.Console;

namespace RaftQueue.Simulation.Commands;

/// <summary><c>run</c>: many seeds, a line of progress, and the sum of it. Exit code 1 when a promise was broken, 2 when it was stopped.</summary>
public static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var seeds = new Option<int>("--seeds") { Description = "How many seeds.", DefaultValueFactory = _ => 1_000 };
        var first = new Option<ulong>("--first-seed") { Description = "The first of them.", DefaultValueFactory = _ => 1 };
        var nodes = new Option<int?>("--nodes") { Description = "Always this many nodes at first; by default each seed draws 3 or 5." };
        var jobs = new Option<int>("--jobs") { Description = "How many schedules at a time.", DefaultValueFactory = _ => Environment.ProcessorCount };
        seeds.Validators.Add(result => AtLeast(result.GetValueOrDefault<int>(), 1, "--seeds", result.AddError));
        jobs.Validators.Add(result => AtLeast(result.GetValueOrDefault<int>(), 1, "--jobs", result.AddError));
        nodes.Validators.Add(result => AtLeast(result.GetValueOrDefault<int?>() ?? 3, 1, "--nodes", result.AddError));
        var command = new Command("run", "Run schedules and count what happened.") { seeds, first, nodes, jobs };
        command.SetAction((parsed, stop) => Task.Run(() =>
            new SeedRun(parsed.GetValue(first), parsed.GetValue(seeds), parsed.GetValue(nodes), parsed.GetValue(jobs)).Go(stop)));
        return command;
    }

    private static void AtLeast(int value, int least, string option, Action<string> refuse)
    {
        if (value < least)
            refuse($"{option} is {value}, but must be at least {least}.");
    }
}

/// <summary>One run over a range of seeds. The seeds share nothing, so they run side by side and still each in its own fixed way.</summary>
internal sealed class SeedRun(ulong first, int seeds, int? nodes, int jobs)
{
    private readonly Lock _sum = new();
    private readonly FaultCounts _faults = new();
    private readonly SortedDictionary<ulong, string> _violations = [];
    private long _done, _events, _confirmed;

    public int Go(CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        AnsiConsole.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context => RunAll(context.AddTask("schedules", maxValue: seeds), stop));
        Report(watch.Elapsed, Environment.CpuUsage.TotalTime - before);
        return _violations.Count > 0 ? 1 : stop.IsCancellationRequested ? 2 : 0;
    }

    private void RunAll(ProgressTask progress, CancellationToken stop)
    {
        var next = -1L;
        Parallel.For(0, jobs, _ =>
        {
            for (var number = Interlocked.Increment(ref next); number < seeds && !stop.IsCancellationRequested; number = Interlocked.Increment(ref next))
            {
                Add(SeededSchedule.Run(first + (ulong)number, nodes));
                progress.Value = Interlocked.Read(ref _done);
                progress.Description = _violations.Count == 0 ? "schedules" : $"schedules, [red]{_violations.Count} violations[/]";
            }
        });
    }

    private void Add(SeedResult result)
    {
        lock (_sum)
        {
            _done++;
            _events += result.Events;
            _confirmed += result.Confirmed;
            _faults.Add(result.Faults);
            if (result.Violation is { } violation)
                _violations.Add(result.Seed, violation.Message);
        }
    }

    private void Report(TimeSpan elapsed, TimeSpan processor)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn(new TableColumn("").RightAligned());
        table.AddRow("schedules", $"{_done:N0}");
        table.AddRow("seeds", $"{first} to {first + (ulong)Math.Max(0, seeds - 1)}");
        table.AddRow("events", $"{_events:N0}");
        table.AddRow("confirmed sends", $"{_confirmed:N0}");
        foreach (var fault in Enum.GetValues<Fault>())
            table.AddRow($"  {Words(fault)}", $"{_faults[fault]:N0}");
        table.AddRow("violations", $"{_violations.Count:N0}");
        table.AddRow("events a second", $"{_events / Math.Max(elapsed.TotalSeconds, 1e-6):N0}");
        table.AddRow("events a second of processor time", $"{_events / Math.Max(processor.TotalSeconds, 1e-6):N0}");
        AnsiConsole.Write(table);
        foreach (var (seed, message) in _violations.Take(20))
        {
            Console.WriteLine($"seed {seed}: {message}");
            Console.WriteLine($"  replay: dotnet run -c Release --project tests/RaftQueue.Simulation -- replay --seed {seed}{(nodes is { } count ? $" --nodes {count}" : "")}");
        }
    }

    private static string Words(Fault fault) =>
        string.Concat(fault.ToString().Select((letter, place) => char.IsUpper(letter) && place > 0 ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
