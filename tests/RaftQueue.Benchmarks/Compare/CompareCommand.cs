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

    private static async Task<int> RunAsync(int rounds, IReadOnlyList<LoadOptions> runs, CancellationToken cancellation)
    {
        var (ours, theirs) = (new List<LoadReport>(), new List<LoadReport>());
        for (var round = 1; round <= rounds; round++)
        {
            await RoundAsync(async () => await RaftQueueSystem.StartAsync(new ClusterOptions(runs[0].Groups), cancellation), runs, ours, cancellation);
            await RoundAsync(async () => await RabbitMqSystem.StartAsync(cancellation), runs, theirs, cancellation);
        }

        AnsiConsole.Write(LoadTable.Of(ours));
        AnsiConsole.Write(LoadTable.Of(theirs));
        AnsiConsole.Write(Ratios(ours, theirs));
        return 0;
    }

    private static async Task RoundAsync(Func<Task<IQueueSystem>> start, IReadOnlyList<LoadOptions> runs, List<LoadReport> reports, CancellationToken cancellation)
    {
        await using var system = await start();
        reports.AddRange(await LoadProgress.ShowAllAsync(system, runs, cancellation));
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
