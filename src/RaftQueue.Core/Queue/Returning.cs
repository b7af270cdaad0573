using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>A message comes back from a consumer unacknowledged.</summary>
internal static class Returning
{
    /// <summary>
    /// Ends a lease and puts its message back in its place, unless the message has been delivered too often or has expired meanwhile.
    /// </summary>
    /// <param name="machine">The machine.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="isStarted">
    /// Whether the consumer had started to work on it, or may have. Only then does the delivery count: otherwise a poison message that
    /// brings its consumer down would drag along to the dead-letter queue whatever was prefetched behind it.
    /// </param>
    /// <param name="how">In which way the lease ends.</param>
    public static void Return(MachineState machine, QueueState queue, LeaseEntry lease, bool isStarted, MessageEventKind how)
    {
        machine.Effects.Watch?.Say(queue.Name, lease, how);
        var message = lease.Message;
        queue.EndLease(lease);
        if (isStarted)
            Backlog.CountDelivery(message);

        // A message that cannot leave the queue now is delivered again, too often or too late, and tried again when it comes back.
        if (!DeadLettering.IsPossible(machine, queue) || DeadLettering.IsAtRest(queue, message.Note))
            queue.Backlog.Return(message);
        else if (queue.Options.DeliveryLimit is > 0 and var limit && message.Ref.DeliveryCount >= limit)
            DeadLettering.Move(machine, queue, message, DeadLetterCause.DeliveryLimit, Reasons.DeliveryLimit(limit));
        else if (queue.Backlog.ExpiryOf(message) <= machine.Now)
            DeadLettering.Move(machine, queue, message, DeadLetterCause.Expired, Reasons.Expired);
        else
            queue.Backlog.Return(message);
    }

    /// <summary>Everything that a consumer holds comes back, in the order in which it was handed out.</summary>
    /// <returns>How many messages.</returns>
    public static int ReturnAll(MachineState machine, QueueState queue, Consumer consumer)
    {
        var held = consumer.Held;
        for (var left = held; left > 0; left--)
            Return(machine, queue, consumer.FirstHeld!, consumer.HasStarted(consumer.FirstHeld!), MessageEventKind.ConsumerEnded);
        return held;
    }
}
