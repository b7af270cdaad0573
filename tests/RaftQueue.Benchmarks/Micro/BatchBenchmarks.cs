using Akka.Actor;
using BenchmarkDotNet.Attributes;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Raft;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>Group commit: commands of 100 messages that waited for a write are put together for the next one.</summary>
[MemoryDiagnoser]
public class BatchBenchmarks
{
    private readonly PendingCommands _pending = new(maxBytes: long.MaxValue, maxBatchBytes: long.MaxValue);
    private readonly ProposeCommand _command = new(new Origin(ActorRefs.Nobody, 1), CommandCodec.Encode(Samples.Enqueue(1)), Samples.Enqueue(1));

    /// <summary>How many commands wait.</summary>
    [Params(1, 16)]
    public int Commands { get; set; }

    /// <summary>They arrive, and are taken as one batch.</summary>
    [Benchmark]
    public int Add_and_take()
    {
        for (var command = 0; command < Commands; command++)
            _pending.TryAdd(_command);
        return _pending.TakeBatch().Length;
    }
}
