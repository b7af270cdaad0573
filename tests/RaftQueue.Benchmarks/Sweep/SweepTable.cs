using System.Globalization;
using RaftQueue.Benchmarks.Load;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Sweep;

/// <summary>The runs along one axis, each beside its neighbour.</summary>
internal static class SweepTable
{
    /// <summary>More than this much slower than the neighbour is a cliff.</summary>
    private const double MostLoss = 2;

    public static Table Of(SweepAxis axis, IReadOnlyList<LoadReport> reports)
    {
        var table = new Table().Title($"By {axis.Name}").AddColumns(axis.Name, "messages/s", "MiB/s", "p50 ms", "p99 ms", "against its neighbour", "");
        for (var place = 0; place < reports.Count; place++)
        {
            var report = reports[place];
            var latency = report.EndToEnd ?? report.Confirm;
            var gain = place == 0 ? null : GainOver(reports[place - 1], report);
            table.AddRow(
                Number(axis.Values[place]),
                Number(report.MessagesPerSecond),
                Short(MiBPerSecond(report)),
                Short(latency?.P50),
                Short(latency?.P99),
                gain is null ? "" : $"{Short(gain)}x",
                gain < 1 / MostLoss ? "cliff" : "");
        }

        return table;
    }

    /// <summary>Bytes count as much as messages: a run of larger bodies has lost only what both have lost.</summary>
    public static double? GainOver(LoadReport neighbour, LoadReport report) =>
        Math.Max(report.MessagesPerSecond / neighbour.MessagesPerSecond, MiBPerSecond(report) / MiBPerSecond(neighbour));

    private static double MiBPerSecond(LoadReport report) => report.MessagesPerSecond * report.Options.Size / (1024 * 1024);

    private static string Number(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Short(double? value) => value?.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) ?? "";
}
