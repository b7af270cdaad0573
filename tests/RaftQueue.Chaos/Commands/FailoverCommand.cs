using System.CommandLine;
using Spectre.Console;
using Capabilities = RaftQueue.Chaos.Cluster.Capabilities;

namespace RaftQueue.Chaos.Commands;

/// <summary><c>failover</c>: what the loss of a leader costs, as a table.</summary>
internal static class FailoverCommand
{
    public static Command Create()
    {
        var nodes = new Option<int>("--nodes") { Description = "How many servers.", DefaultValueFactory = _ => 3 };
        var runs = new Option<int>("--runs") { Description = "How often the leader is lost in each way.", DefaultValueFactory = _ => 10 };
        var rate = new Option<double>("--rate") { Description = "Messages a second.", DefaultValueFactory = _ => 500 };
        var only = new Option<string[]>("--only") { Description = "Only the ways whose name begins so, such as kill.", AllowMultipleArgumentsPerToken = true };
        var keep = new Option<bool>("--keep-logs") { Description = "Keep the nodes' output." };
        var command = new Command("failover", "Loses the leader in several ways under a steady load, at default settings, and measures the gap between confirms.") { nodes, runs, rate, only, keep };
        command.SetAction((parsed, stop) => RunAsync(
            parsed.GetValue(nodes), parsed.GetValue(runs), parsed.GetValue(rate), parsed.GetValue(only) ?? [], parsed.GetValue(keep), stop));
        return command;
    }

    private static async Task<int> RunAsync(int nodes, int runs, double rate, string[] only, bool keep, CancellationToken stop)
    {
        var capabilities = Capabilities.Probe();
        var table = new Table().AddColumns("leader lost by", "runs", "gap", "worst", "delay", "worst", "lost", "twice");
        var isValid = true;
        foreach (var loss in FailoverRun.Losses.Where(loss => only.Length == 0 || only.Any(name => loss.Name.StartsWith(name, StringComparison.Ordinal))))
        {
            if (loss.Fault.WhyNot(capabilities) is { } why)
            {
                table.AddRow(loss.Name, "0", $"skipped: {Markup.Escape(why)}", "", "", "", "", "");
                continue;
            }

            var result = await FailoverRun.MeasureAsync(loss, nodes, runs, rate, capabilities, keep, Console.WriteLine, stop);
            table.AddRow(
                loss.Name,
                $"{result.Failovers.Count}",
                Median(result.Failovers, failover => failover.Gap),
                Worst(result.Failovers, failover => failover.Gap),
                Median(result.Failovers, failover => failover.WorstDelay),
                Worst(result.Failovers, failover => failover.WorstDelay),
                $"{result.Lost}",
                $"{result.StoredTwice}");
            foreach (var violation in result.Violations.Take(10))
                Console.WriteLine($"BROKEN: {violation.Rule}: {violation.What}");
            isValid &= result.Violations.Count == 0;
        }

        AnsiConsole.Write(table);
        Console.WriteLine("gap: longest time between two confirms; delay: longest wait of a send for its confirm; each as the median and the worst of the runs.");
        Console.WriteLine("lost: confirmed messages that never came out; twice: messages that are stored twice.");
        return isValid ? 0 : 1;
    }

    private static string Median(IReadOnlyList<Failover> failovers, Func<Failover, TimeSpan> of)
    {
        var sorted = failovers.Select(of).Order().ToList();
        return sorted.Count == 0 ? "" : $"{(sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]).TotalMilliseconds / 2:0} ms";
    }

    private static string Worst(IReadOnlyList<Failover> failovers, Func<Failover, TimeSpan> of) =>
        failovers.Count == 0 ? "" : $"{failovers.Max(of).TotalMilliseconds:0} ms";
}
