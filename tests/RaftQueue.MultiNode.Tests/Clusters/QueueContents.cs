using RaftQueue.Client;
using RaftQueue.Contracts;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>All messages of a queue, without taking them.</summary>
internal static class QueueContents
{
    /// <summary>The texts by their sequences, read page by page from the leader.</summary>
    public static async Task<IReadOnlyDictionary<long, string>> ReadAsync(RaftQueueClient client, string queue)
    {
        var stored = new SortedDictionary<long, string>();
        for (long from = 1; ;)
        {
            var page = await client.PeekAsync<string>(queue, from, Bounds.MaxReceive);
            if (page.Count == 0)
                return stored;
            foreach (var message in page)
                stored.Add(message.Sequence, message.Payload);
            from = page[^1].Sequence + 1;
        }
    }
}
