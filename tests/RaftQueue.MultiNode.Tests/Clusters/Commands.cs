using System.Buffers;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>Commands as they go into the log, for specs that speak to one node without a client.</summary>
internal static class Commands
{
    /// <summary>The first message of a new producer.</summary>
    public static Enqueue Enqueue(string queue, string text)
    {
        var packed = new ArrayBufferWriter<byte>();
        MessageView.Write(packed, delay: null, timeToLive: null, groupKey: null, properties: [], body: Encoding.UTF8.GetBytes(text));
        return new Enqueue(new QueueName(queue), ProducerId.New(), FirstSequence: 1, IsAtomic: false, new MessageBlock(packed.WrittenMemory, 1));
    }
}
