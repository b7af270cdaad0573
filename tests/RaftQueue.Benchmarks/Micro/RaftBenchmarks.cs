using BenchmarkDotNet.Attributes;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>The rules of a leader of three: one batch proposed, written, acknowledged by both followers, and committed.</summary>
[MemoryDiagnoser]
public class RaftBenchmarks
{
    private const int CompactEvery = 1_000;

    private static readonly NodeId[] Nodes = [new("n1"), new("n2"), new("n3")];
    private static readonly Incarnation[] Lives = [new(Guid.NewGuid()), new(Guid.NewGuid()), new(Guid.NewGuid())];

    private readonly ReadOnlyMemory<byte> _command = CommandCodec.Encode(Samples.Enqueue(1));
    private Replica _leader = null!;
    private int _cycles;

    /// <summary>How many commands a batch has.</summary>
    [Params(1, 16)]
    public int Commands { get; set; }

    /// <summary>Elects the leader.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        var memory = Memory.Empty.Apply(new Bootstrapped(Configuration.OfVoters(Nodes)));
        _leader = Replica.Wake(new ReplicaIdentity(new GroupId(0), Nodes[0], Lives[0]), new RaftOptions(), memory, TimeSpan.Zero);
        Feed(Take(new Input.ElectionTimeout()));
        if (_leader.Role != Role.Leader)
            throw new InvalidOperationException($"The benchmark's replica is a {_leader.Role}.");
    }

    /// <summary>A whole cycle.</summary>
    [Benchmark]
    public Replica Propose_written_acknowledged()
    {
        Feed(Take(new Input.Propose([.. Enumerable.Repeat(_command, Commands)], new LogTime(1_700_000_000_000))));
        if (++_cycles % CompactEvery == 0)
            Take(new Input.SnapshotStored(_leader.Log.MetaAt(_leader.LastApplied), _leader.LastApplied));
        return _leader;
    }

    // What the world answers: the disk writes, voters agree, followers acknowledge.
    private void Feed(Step step)
    {
        if (!step.Remember.IsEmpty)
        {
            foreach (var envelope in step.SendWhenDurable)
                Answer(envelope);
            Feed(Take(new Input.Written(_leader.Mark)));
        }

        foreach (var envelope in step.Send)
            Answer(envelope);
    }

    private void Answer(Envelope envelope)
    {
        IPeerMessage answer = envelope.Message switch
        {
            RequestVote request => new VoteReply(request.Group, request.Term, true, request.IsPreVote),
            AppendEntries append => new AppendReply(
                append.Group, append.Term, true, append.PrevLogIndex + append.Entries.Length, Term.Zero, LogIndex.Zero, append.Round, 1),
            _ => throw new InvalidOperationException($"Nobody answers {envelope.Message}."),
        };
        var from = Array.IndexOf(Nodes, envelope.To);
        Feed(Take(new Input.Received(new Envelope(Nodes[from], Lives[from], Nodes[0], Lives[0], answer))));
    }

    private Step Take(Input input)
    {
        var step = Rules.Step(_leader, input, TimeSpan.Zero);
        _leader = step.Next;
        return step;
    }
}
