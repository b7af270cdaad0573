using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Client;

/// <summary>Hears when a message has become bytes: until then it lies in a mailbox of remoting, which has no bound.</summary>
internal interface IEncodingWatch
{
    /// <summary>A watched message of this weight is encoded.</summary>
    void Encoded(int weight);
}

/// <summary>About how many bytes of memory a message to a client takes, as far as it can be much.</summary>
internal static class MessageWeight
{
    private const int PerQueue = 512;
    private const int PerEvent = 256;

    public static int Of(IReply reply) => reply switch
    {
        Received received => received.Deliveries.Bytes.Length,
        Peeked peeked => peeked.Deliveries.Bytes.Length,
        QueueList list => list.Queues.Length * PerQueue,
        Explained explained => explained.Events.Length * PerEvent,
        _ => 0,
    };

    public static int Of(Deliver deliver) => deliver.Deliveries.Bytes.Length;
}
