using RaftQueue.Benchmarks.Load;

namespace RaftQueue.Benchmarks.Sweep;

/// <summary>One setting that is varied while all others stay, to see that there is no cliff.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Values">What it is set to, in order: each is compared with the one before.</param>
/// <param name="Set">Sets it, and as many messages as make a run of some seconds.</param>
internal sealed record SweepAxis(string Name, IReadOnlyList<int> Values, Func<int, LoadOptions> Set)
{
    /// <summary>A run moves at most about so many bytes of bodies.</summary>
    private const int MaxRunBytes = 128 * 1024 * 1024;

    /// <summary>What can be varied.</summary>
    public static readonly IReadOnlyList<SweepAxis> All =
    [
        new("size", [16, 64, 256, 1024, 4096, 16_384, 65_536], size => Produce() with { Size = size, Count = Math.Min(60_000, MaxRunBytes / size) }),
        new("queues", [1, 10, 100, 1000], queues => Produce() with { Queues = queues, Producers = Math.Max(4, Math.Min(queues, 64)) }),
        new("producers", [1, 4, 16, 64], producers => Produce() with { Producers = producers }),
        new("window", [1, 4, 16, 64, 256, 1024], window => Produce() with { Window = window, Count = Math.Min(60_000, window * 4_000) }),
        new("rate", [500, 1000, 2000, 4000, 8000, 16_000], rate => LoadOptions.Of(Workload.Paced) with { Rate = rate, Count = rate * 5 }),
    ];

    private static LoadOptions Produce() => LoadOptions.Of(Workload.Produce) with { Count = 60_000 };
}
