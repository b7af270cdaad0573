using System.Globalization;
using RaftQueue.Benchmarks.Load;

namespace RaftQueue.Benchmarks.Compare;

/// <summary>One number that both products are measured by.</summary>
/// <param name="Title">What it is.</param>
/// <param name="Workload">The workload that gives it.</param>
/// <param name="Of">How to read it off a report.</param>
/// <param name="Target">What its ratio, RaftQueue to the other, is to be.</param>
/// <param name="IsFloor">Whether the target is the least ratio; otherwise it is the most.</param>
internal sealed record Row(string Title, Workload Workload, Func<LoadReport, double?> Of, double Target, bool IsFloor)
{
    /// <summary>What the project wants to reach.</summary>
    public static readonly IReadOnlyList<Row> All =
    [
        AtLeast(4, "produce, messages/s", Workload.Produce, report => report.MessagesPerSecond),
        AtMost(0.3, "produce, server CPU s/M", Workload.Produce, report => report.ServerCpuPerMillion),
        AtLeast(2, "consume, messages/s", Workload.Consume, report => report.MessagesPerSecond),
        AtLeast(3, "e2e, messages/s", Workload.E2e, report => report.MessagesPerSecond),
        AtMost(0.7, "e2e, peak memory MiB", Workload.E2e, report => report.PeakMiB),
        AtMost(1, "sync, confirm p50 ms", Workload.Sync, report => report.Confirm?.P50),
        AtMost(1, "sync, confirm p99 ms", Workload.Sync, report => report.Confirm?.P99),
        AtMost(0.5, "paced, end to end p50 ms", Workload.Paced, report => report.EndToEnd?.P50),
        AtMost(0.5, "paced, end to end p99 ms", Workload.Paced, report => report.EndToEnd?.P99),
        AtMost(0.5, "failover, longest gap ms", Workload.Failover, report => report.ConfirmGapMs),
    ];

    public bool IsMet(double ratio) => IsFloor ? ratio >= Target : ratio <= Target;

    public string TargetText => $"{(IsFloor ? ">=" : "<=")} {Target.ToString("0.0", CultureInfo.InvariantCulture)}x";

    private static Row AtLeast(double target, string title, Workload workload, Func<LoadReport, double?> of) => new(title, workload, of, target, true);

    private static Row AtMost(double target, string title, Workload workload, Func<LoadReport, double?> of) => new(title, workload, of, target, false);
}
