using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves a message to the dead-letter queue of its queue, or lets it go where there is none. The move is one step of the machine and only moves the
/// reference: the body stays where it is. A dead-letter queue that does not exist is made with default options; one at its bound takes the message all
/// the same, because a message that nobody can handle must not get lost on top of it.
/// </summary>
internal static class DeadLettering
{
    public static void Move(MachineState machine, QueueState queue, Message message, DeadLetterCause cause, string reason)
    {
        queue.Counters.DeadLettered++;
        var stored = message.Ref;
        var group = message.Group?.Key;
        var sequence = message.Sequence;
        queue.Backlog.Remove(message);
        machine.Touch(queue);

        if (queue.Options.DeadLetterQueue is not { } name)
        {
            machine.Segments.Release(stored.Body);
            return;
        }

        if (!machine.TryFind(name, out var target))
            target = machine.Add(name, QueueOptions.Default);
        var note = new DeadLetterNote(queue.Name, sequence, new LogTime(stored.EnqueuedAt), stored.DeliveryCount, cause, reason);
        target.Backlog.Append(new Arrival(machine.Now, stored.Body, DueAt: null, ExpiresAt: null, group, note));
        target.Counters.Enqueued++;
        machine.Touch(target);
    }
}

/// <summary>Why messages go to a dead-letter queue without a consumer's word.</summary>
internal static class Reasons
{
    public const string Expired = "its time to live was over";

    public const string Dropped = "it was the oldest when the queue was full";

    public static string DeliveryLimit(int limit) => $"it reached the delivery limit of {limit}";
}
