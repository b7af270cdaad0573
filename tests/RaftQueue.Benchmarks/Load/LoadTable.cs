using System.Globalization;
using Spectre.Console;

namespace RaftQueue.Benchmarks.Load;

/// <summary>Results for people.</summary>
internal static class LoadTable
{
    private static readonly (string Title, Func<LoadReport, string> Cell)[] Columns =
    [
        ("workload", report => report.Options.Workload.ToString().ToLowerInvariant()),
        ("messages/s", report => Whole(report.MessagesPerSecond)),
        ("confirm p50/p99/p99.9 ms", report => Text(report.Confirm)),
        ("end to end p50/p99/p99.9 ms", report => Text(report.EndToEnd)),
        ("server CPU s/M", report => Whole(report.ServerCpuPerMillion)),
        ("client CPU s/M", report => Whole(report.ClientCpuPerMillion)),
        ("peak MiB (one)", report => $"{Whole(report.PeakMiB)} ({Whole(report.PeakNodeMiB)})"),
        ("syncs/msg", report => Short(report.SyncsPerMessage)),
        ("batch", report => Whole(report.AverageBatch)),
        ("remarks", Remarks),
    ];

    public static Table Of(IEnumerable<LoadReport> reports)
    {
        var table = new Table();
        foreach (var (title, _) in Columns)
            table.AddColumn(new TableColumn(title).RightAligned());
        foreach (var report in reports)
            table.AddRow([.. Columns.Select(column => Markup.Escape(column.Cell(report)))]);
        return table;
    }

    private static string Remarks(LoadReport report)
    {
        var remarks = new List<string>();
        if (report.ConfirmGapMs is { } confirm)
            remarks.Add($"gap {Whole(confirm)} ms confirms, {Whole(report.DeliveryGapMs)} ms deliveries, {report.Lost} lost");
        if (report.EndAgainstStart is { } ratio)
            remarks.Add($"end {Short(ratio)} of start");
        if (report.Unconfirmed > 0)
            remarks.Add($"{report.Unconfirmed} never confirmed");
        if (report.Duplicates > 0)
            remarks.Add($"{report.Duplicates} duplicates");
        return string.Join("; ", remarks);
    }

    private static string Text(LatencyReport? latency) =>
        latency is null ? "" : $"{Short(latency.P50)} / {Short(latency.P99)} / {Short(latency.P999)}";

    private static string Whole(double? value) => value?.ToString("N0", CultureInfo.InvariantCulture) ?? "";

    private static string Short(double? value) => value?.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) ?? "";
}
