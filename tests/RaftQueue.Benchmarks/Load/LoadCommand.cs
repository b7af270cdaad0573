using System.CommandLine;
using RaftQueue.Benchmarks.Systems;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Load;

/// <summary>The verb <c>load</c>: workloads against RaftQueue, as JSON lines and a table.</summary>
internal static class LoadCommand
{
    private const string All = "all";

    public static Command Create()
    {
        var command = new Command("load", "Runs workloads against three RaftQueue servers that it starts, or against a cluster that runs.");
        var workload = new Option<string>("--workload")
        {
            Description = $"{string.Join(", ", Enum.GetNames<Workload>()).ToLowerInvariant()}, or all.",
            DefaultValueFactory = _ => All,
        };
        workload.AcceptOnlyFromAmong([.. Enum.GetNames<Workload>().Select(name => name.ToLowerInvariant()), All]);
        var sizes = new SizeOptions();
        var connect = new Option<string?>("--connect") { Description = "host:port of a node of a running cluster." };
        var postgres = new Option<string?>("--postgres") { Description = "A PostgreSQL connection string, to store there and not in SQLite." };
        command.Options.Add(workload);
        sizes.AddTo(command);
        command.Options.Add(connect);
        command.Options.Add(postgres);
        command.SetAction((parsed, cancellation) => RunAsync(
            [.. Named(parsed.GetValue(workload)!).Select(named => sizes.Read(parsed, LoadOptions.Of(named)))],
            parsed.GetValue(connect),
            parsed.GetValue(postgres) ?? "",
            cancellation));
        return command;
    }

    // All of them, but for the backlog, which takes minutes and is asked for by name.
    private static IEnumerable<Workload> Named(string name) => name == All
        ? Enum.GetValues<Workload>().Where(workload => workload != Workload.Backlog)
        : [Enum.Parse<Workload>(name, ignoreCase: true)];

    private static async Task<int> RunAsync(IReadOnlyList<LoadOptions> runs, string? connect, string postgres, CancellationToken cancellation)
    {
        await using var system = connect is null
            ? await RaftQueueSystem.StartAsync(new ClusterOptions(runs[0].Groups, postgres), cancellation)
            : await RaftQueueSystem.ConnectToAsync(connect, cancellation);
        AnsiConsole.Write(LoadTable.Of(await LoadProgress.ShowAllAsync(system, runs, cancellation)));
        return 0;
    }
}
