using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Questions: only their shape, so that the gateway can answer one beyond its bounds (<see cref="QueryBounds"/>) instead of losing it.
/// </summary>
internal static class QueryMapper
{
    public static Proto.Query ToProto(IQuery query) => query switch
    {
        GetQueueStats stats => new() { GetQueueStats = new() { Queue = stats.Queue.Value } },
        ListQueues list => new() { ListQueues = new() { Prefix = list.Prefix, After = list.After?.Value ?? "" } },
        Peek peek => new() { Peek = new() { Queue = peek.Queue.Value, FromSequence = peek.FromSequence, MaxMessages = peek.MaxMessages } },
        ExplainMessage explain => new() { ExplainMessage = new() { Queue = explain.Queue.Value, Sequence = explain.Sequence } },
        _ => throw new ArgumentException($"{query.GetType().Name} has no wire form; give it one in queue.proto and here.", nameof(query)),
    };

    public static IQuery FromProto(Proto.Query? proto)
    {
        var query = Expect.Present(proto, "query");
        return query.QueryCase switch
        {
            Proto.Query.QueryOneofCase.GetQueueStats => new GetQueueStats(new QueueName(query.GetQueueStats.Queue)),
            Proto.Query.QueryOneofCase.ListQueues => FromProto(query.ListQueues),
            Proto.Query.QueryOneofCase.Peek => new Peek(new QueueName(query.Peek.Queue), query.Peek.FromSequence, query.Peek.MaxMessages),
            Proto.Query.QueryOneofCase.ExplainMessage => new ExplainMessage(new QueueName(query.ExplainMessage.Queue), query.ExplainMessage.Sequence),
            _ => throw Expect.Malformed("the bytes name no query that this version knows; were they sent by a newer version?"),
        };
    }

    private static ListQueues FromProto(Proto.ListQueues list) =>
        new(list.Prefix, list.After.Length == 0 ? null : new QueueName(list.After));
}
