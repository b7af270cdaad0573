using System.Diagnostics;
using HdrHistogram;

namespace RaftQueue.Benchmarks.Load;

/// <summary>Latencies, to three digits, from a microsecond to five minutes.</summary>
internal sealed class Latency
{
    private const long MaxMicroseconds = 300_000_000;

    private readonly LongConcurrentHistogram _microseconds = new(1, MaxMicroseconds, 3);

    public void RecordSince(long start) =>
        _microseconds.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds, 1, MaxMicroseconds - 1));

    public LatencyReport Report() => new(At(50), At(99), At(99.9), At(100));

    private double At(double percentile) => _microseconds.GetValueAtPercentile(percentile) / 1000.0;
}

/// <summary>Percentiles in milliseconds.</summary>
public sealed record LatencyReport(double P50, double P99, double P999, double Max);
