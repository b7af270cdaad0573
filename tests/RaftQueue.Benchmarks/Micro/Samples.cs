using System.Buffers;
using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Benchmarks.Micro;

/// <summary>What is measured with: a batch of messages of 256 bytes, as a client would send it.</summary>
internal static class Samples
{
    public const int Batch = 100;
    public const int MessageBytes = 256;

    public static readonly QueueName Queue = new("bench");
    public static readonly ProducerId Producer = ProducerId.New();

    public static readonly MessageBlock Messages = Block();

    public static Enqueue Enqueue(long firstSequence) => new(Queue, Producer, firstSequence, IsAtomic: false, Messages);

    public static ImmutableArray<Entry> Entries(long first) =>
    [
        .. Enumerable.Range(0, Batch).Select(i => new Entry(
            new LogIndex(first + i), new Term(3), new LogTime(1_700_000_000_000), EntryKind.Command, CommandCodec.Encode(One))),
    ];

    private static readonly Enqueue One = new(Queue, Producer, 1, IsAtomic: false, OneMessage());

    private static MessageBlock Block()
    {
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < Batch; i++)
            Write(output);
        return new MessageBlock(output.WrittenMemory, Batch);
    }

    private static MessageBlock OneMessage()
    {
        var output = new ArrayBufferWriter<byte>();
        Write(output);
        return new MessageBlock(output.WrittenMemory, 1);
    }

    private static void Write(ArrayBufferWriter<byte> output) => MessageView.Write(output, null, null, null, [], new byte[MessageBytes]);
}
