using System.CommandLine;
using System.Globalization;
using RaftQueue.Benchmarks.Load;
using RaftQueue.Benchmarks.Systems;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Compare;

/// <summary>The verb <c>compare</c>: the same workloads on RaftQueue and on another product in turn, and the ratios of their medians.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var command = new Command("compare", "Runs the same workloads on RaftQueue and another queue in turn, and prints the ratios of the medians.");
        var peer = new Option<string>("--peer") { Description = "The other queue.", DefaultValueFactory = _ => "rabbitmq" };
        peer.AcceptOnlyFromAmong("rabbitmq");
        var rounds = new Option<int>("--rounds") { Description = "Rounds, each on fresh clusters.", DefaultValueFactory = _ => 3 };
        var workloads = new Option<string[]>("--workload")
        {
            Description = "Only these workloads.",
            AllowMultipleArgumentsPerToken = true,
        };
        workloads.AcceptOnlyFromAmong([.. Enum.GetNames<Workload>().Select(name => name.ToLowerInvariant())]);
        var sizes = new SizeOptions();
        command.Options.Add(peer);
        command.Options.Add(rounds);
        command.Options.Add(workloads);
        sizes.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(rounds), [.. Chosen(parsed.GetValue(workloads)).Select(workload => sizes.Read(parsed, LoadOptions.Of(workload)))], cancellation));
        return command;
    }

    // A failover ends its cluster, and so comes last.
    private static IEnumerable<Workload> Chosen(string[]? names) => names is { Length: > 0 }
        ? names.Select(name => Enum.Parse<Workload>(name, ignoreCase: true)).Order()
        : Enum.GetValues<Workload>().Where(workload => workload != Workload.Backlog);

    // A system that fails costs the rest of its round, not the comparison.
    private static async Task<int> RunAsync(int rounds, IReadOnlyList<LoadOptions> runs, CancellationToken cancellation)
    {
        var (ours, theirs, failures) = (new List<LoadReport>(), new List<LoadReport>(), new List<string>());
        for (var round = 1; round <= rounds; round++)
        {
            await TryAsync(
                $"RaftQueue, round {round}", async () => await RaftQueueSystem.StartAsync(new ClusterOptions(runs[0].Groups), cancellation), ours);
            await TryAsync($"RabbitMQ, round {round}", async () => await RabbitMqSystem.StartAsync(cancellation), theirs);
        }

        AnsiConsole.Write(LoadTable.Of(ours));
        AnsiConsole.Write(LoadTable.Of(theirs));
        AnsiConsole.Write(Ratios(ours, theirs));
        foreach (var failure in failures)
            await Console.Error.WriteLineAsync(failure);
        return failures.Count == 0 ? 0 : 1;

        async Task TryAsync(string name, Func<Task<IQueueSystem>> start, List<LoadReport> reports)
        {
            var before = reports.Count;
            try
            {
                await using var system = await start();
                await foreach (var report in LoadProgress.ShowEachAsync(system, runs, cancellation))
                    reports.Add(report);
            }
            catch (Exception failure) when (!cancellation.IsCancellationRequested)
            {
                failures.Add($"{name}: {reports.Count - before} of {runs.Count} workloads were measured, then it failed: {failure.Message}");
            }
        }
    }

    private static Table Ratios(List<LoadReport> ours, List<LoadReport> theirs)
    {
        var table = new Table().Title("Medians (lowest to highest)").AddColumns("", "RaftQueue", "RabbitMQ", "ratio", "target", "");
        foreach (var row in Row.All)
        {
            var (left, right) = (Values(row, ours), Values(row, theirs));
            if (left.Count == 0 || right.Count == 0)
                continue;
            var ratio = Median(left) / Median(right);
            table.AddRow(row.Title, Text(left), Text(right), $"{Number(ratio)}x", row.TargetText, row.IsMet(ratio) ? "met" : "missed");
        }

        return table;
    }

    private static List<double> Values(Row row, List<LoadReport> reports) =>
        [.. reports.Where(report => report.Options.Workload == row.Workload).Select(row.Of).OfType<double>().Order()];

    private static double Median(List<double> values) => (values[(values.Count - 1) / 2] + values[values.Count / 2]) / 2;

    private static string Text(List<double> values) => $"{Number(Median(values))} ({Number(values[0])} to {Number(values[^1])})";

    private static string Number(double value) => value.ToString(value < 100 ? "0.00" : "N0", CultureInfo.InvariantCulture);
}
