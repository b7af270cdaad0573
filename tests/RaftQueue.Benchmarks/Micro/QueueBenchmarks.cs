using BenchmarkDotNet.Attributes;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>The queue machine: messages in, assigned to a consumer, and settled, 100 at a time.</summary>
[MemoryDiagnoser]
public class QueueBenchmarks
{
    private readonly ConsumerId _consumer = ConsumerId.New();
    private QueueMachine _machine = new();
    private LogIndex _index;
    private long _sequence = 1;

    /// <summary>A queue with one consumer.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        (_machine, _index, _sequence) = (new QueueMachine(), LogIndex.Zero, 1);
        Apply(new DeclareQueue(Samples.Queue, QueueOptions.Default));
        Apply(new Subscribe(Samples.Queue, _consumer, Bounds.MaxPrefetch, TimeSpan.Zero));
    }

    /// <summary>100 messages through: enqueue, assign, settle.</summary>
    [Benchmark(OperationsPerInvoke = Samples.Batch)]
    public Outcome Enqueue_assign_settle()
    {
        var pushed = Apply(Samples.Enqueue(_sequence));
        _sequence += Samples.Batch;
        var leases = ((QueueEffect.Push)pushed.Effects[0]).Leases;
        return Apply(new Settle(
            Samples.Queue, _consumer, 0, [.. leases.Select(lease => new Settlement(SettlementKind.Ack, lease.Sequence, lease.Token, ""))]));
    }

    private Outcome Apply(ICommand command)
    {
        _index = _index.Next;
        return _machine.Apply(_index, new LogTime(1_700_000_000_000), command);
    }
}
