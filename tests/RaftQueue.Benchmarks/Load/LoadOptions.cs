namespace RaftQueue.Benchmarks.Load;

/// <summary>What a run does.</summary>
public enum Workload
{
    /// <summary>Producers send, each up to its window unconfirmed, until all is confirmed.</summary>
    Produce,

    /// <summary>Full queues are emptied, each message acknowledged by itself.</summary>
    Consume,

    /// <summary>Both at once, as fast as the window lets it.</summary>
    E2e,

    /// <summary>One producer, one message in flight: the floor of latency.</summary>
    Sync,

    /// <summary>A fixed rate; latency counts from the scheduled time, so that a stall is seen by all whom it would have delayed.</summary>
    Paced,

    /// <summary>Paced, with the leader's process killed after a third.</summary>
    Failover,

    /// <summary>A deep backlog is built up: is it as fast at its end as at its start?</summary>
    Backlog,
}

/// <summary>The sizes of a run; a result repeats them.</summary>
public sealed record LoadOptions(Workload Workload)
{
    /// <summary>Messages.</summary>
    public int Count { get; init; } = 100_000;

    /// <summary>Bytes of a body; at least <see cref="Stamp.Size"/>.</summary>
    public int Size { get; init; } = 256;

    /// <summary>Producers.</summary>
    public int Producers { get; init; } = 4;

    /// <summary>The most unconfirmed messages of a producer.</summary>
    public int Window { get; init; } = 256;

    /// <summary>Consumers of each queue.</summary>
    public int Consumers { get; init; } = 2;

    /// <summary>The most unacknowledged messages of a consumer.</summary>
    public int Prefetch { get; init; } = 256;

    /// <summary>Messages a second, where a rate is kept.</summary>
    public int Rate { get; init; } = 2_000;

    /// <summary>Queues; producers take turns over them.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Raft groups.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Messages through a fresh system before anything is measured: cold code is several times slower, and compiled again while it runs.</summary>
    public int Warmup { get; init; } = 1_000_000;

    /// <summary>The sizes a workload has unless said otherwise.</summary>
    public static LoadOptions Of(Workload workload) => workload switch
    {
        Workload.Sync => new LoadOptions(workload) { Count = 2_000, Producers = 1, Window = 1 },
        Workload.Paced => new LoadOptions(workload) { Count = 40_000 },
        Workload.Failover => new LoadOptions(workload) { Count = 30_000, Producers = 3, Consumers = 3, Rate = 1_000 },
        Workload.Backlog => new LoadOptions(workload) { Count = 5_000_000 },
        _ => new LoadOptions(workload),
    };
}
