using System.Diagnostics;
using RaftQueue.Benchmarks.Systems;

namespace RaftQueue.Benchmarks.Load;

/// <summary>What a run costs: time, and what the kernel and the journals count.</summary>
internal readonly record struct Cost
{
    private long Start { get; init; }

    private double?[] ServerCpu { get; init; }

    private TimeSpan ClientCpu { get; init; }

    private IReadOnlyList<long> Writes { get; init; }

    public static Cost Begin(IQueueSystem system)
    {
        system.Nodes.ResetPeaks();
        return new Cost
        {
            Writes = system.JournalWrites(),
            ServerCpu = system.Nodes.CpuSeconds(),
            ClientCpu = Environment.CpuUsage.TotalTime,
            Start = Stopwatch.GetTimestamp(),
        };
    }

    public LoadReport End(IQueueSystem system, LoadOptions options)
    {
        var seconds = Stopwatch.GetElapsedTime(Start).TotalSeconds;
        var clientCpu = Environment.CpuUsage.TotalTime - ClientCpu;
        var nodeCpu = system.Nodes.CpuSeconds().Zip(ServerCpu, (after, before) => (after - before) * 1e6 / options.Count).ToList();
        var peaks = system.Nodes.PeakMiB();
        var writes = system.JournalWrites().Zip(Writes, (after, before) => after - before).ToList();
        return new LoadReport
        {
            System = system.Name,
            Options = options,
            MessagesPerSecond = options.Count / seconds,
            NodeCpuPerMillion = nodeCpu,
            ServerCpuPerMillion = nodeCpu.Count == 0 ? null : nodeCpu.Sum(),
            ClientCpuPerMillion = clientCpu.TotalSeconds * 1e6 / options.Count,
            PeakMiB = peaks.Length == 0 ? null : peaks.Sum(),
            PeakNodeMiB = peaks.Length == 0 ? null : peaks.Max(),
            SyncsPerMessage = writes.Count == 0 ? null : (double)writes.Sum() / options.Count,
            AverageBatch = writes.Count == 0 || writes.Max() == 0 ? null : (double)options.Count / writes.Max(),
        };
    }
}
