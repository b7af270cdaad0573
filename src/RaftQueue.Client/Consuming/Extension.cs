using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>Extends one lease at the application's wish.</summary>
internal static class Extension
{
    public static async Task<DateTimeOffset> OfOneAsync(
        Caller caller, QueueName queue, ConsumerId consumer, long token, TimeSpan lease, CancellationToken cancellation)
    {
        var extended = await caller.CommandAsync<Extended>(
            $"extend a lease of queue '{queue}'", new Extend(queue, consumer, [token], lease), cancellation).ConfigureAwait(false);
        return extended.Refused.IsEmpty
            ? extended.Until.ToDateTimeOffset()
            : throw Refusals.ToException(extended.Refused[0].Refusal);
    }
}
