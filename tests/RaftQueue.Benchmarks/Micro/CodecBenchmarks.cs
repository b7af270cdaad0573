using System.Collections.Immutable;
using BenchmarkDotNet.Attributes;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>Bytes to messages and back.</summary>
[MemoryDiagnoser]
public class CodecBenchmarks
{
    private readonly Envelope _append = new(
        new NodeId("n1"), new Incarnation(Guid.NewGuid()), new NodeId("n2"), new Incarnation(Guid.NewGuid()), new AppendEntries(
            new GroupId(0), new Term(3), new LogIndex(99), new Term(3), Samples.Entries(100), new LogIndex(99), 7));

    private readonly ImmutableArray<IRaftEvent> _events = [new EntriesAppended(Samples.Entries(100))];
    private byte[] _appendBytes = [];
    private byte[] _commandBytes = [];
    private byte[] _record = [];

    /// <summary>Makes what is read.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _appendBytes = WireCodec.Encode(_append);
        _commandBytes = CommandCodec.Encode(Samples.Enqueue(1));
        _record = JournalCodec.Encode(1, _events);
    }

    /// <summary>AppendEntries of 100 entries of 256 bytes, written.</summary>
    [Benchmark]
    public byte[] Append_entries_encode() => WireCodec.Encode(_append);

    /// <summary>The same, read.</summary>
    [Benchmark]
    public object Append_entries_decode() => WireCodec.Decode(Manifests.AppendEntries, _appendBytes);

    /// <summary>An enqueue command of 100 messages, written by a client.</summary>
    [Benchmark]
    public byte[] Enqueue_encode() => CommandCodec.Encode(Samples.Enqueue(1));

    /// <summary>The same, read by a gateway or a replica.</summary>
    [Benchmark]
    public ICommand Enqueue_decode() => CommandCodec.Decode(_commandBytes);

    /// <summary>A journal record of 100 entries, written.</summary>
    [Benchmark]
    public byte[] Journal_encode() => JournalCodec.Encode(1, _events);

    /// <summary>The same, read.</summary>
    [Benchmark]
    public object Journal_decode() => JournalCodec.Decode(_record);
}
