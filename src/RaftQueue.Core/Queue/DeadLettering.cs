using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves a message to the dead-letter queue of its queue, or lets it go where there is none. Within a group the move is one step of the machine and only moves the
/// reference: the body stays where it is. To another group it goes through the outbox (<see cref="Transferring"/>). A dead-letter queue that does not exist is made
/// with default options; one at its bound takes the message all the same, because a message that nobody can handle must not get lost on top of it.
/// </summary>
internal static class DeadLettering
{
    /// <summary>Whether messages of the queue can leave it. Not while too many are on their way to other groups: then they stay rather than get lost.</summary>
    public static bool IsPossible(MachineState machine, QueueState queue) => queue.DeadLetterGroup is null || Transferring.HasRoom(machine);

    /// <summary>
    /// Whether a message has reached the end of its way: the next dead-letter queue is one that it was in before. Each machine checks only
    /// cycles among its own queues when one is declared; this holds whatever was declared in other groups meanwhile, because a message
    /// carries where it was.
    /// </summary>
    public static bool IsAtRest(QueueState queue, DeadLetterNote? note) =>
        note is not null && queue.Options.DeadLetterQueue is { } next && !note.MayMoveTo(next);

    /// <summary>
    /// When a dead letter expires where it has arrived: one that has nowhere to go stays. Null for the time to live of the queue.
    /// </summary>
    public static long? ExpiryIn(QueueState queue, DeadLetterNote? note) => IsAtRest(queue, note) ? QueueState.Never : null;

    public static void Move(MachineState machine, QueueState queue, Message message, DeadLetterCause cause, string reason)
    {
        queue.Counters.DeadLettered++;
        var isAtRest = IsAtRest(queue, message.Note);
        var (body, group, sequence) = (message.Ref.Body, message.Group?.Key, message.Sequence);
        var note = DeadLetterNote.Of(queue, message, cause, reason);
        queue.Backlog.Remove(message);
        machine.Touch(queue);

        // A message at rest leaves only where its queue drops the oldest.
        if (isAtRest || queue.Options.DeadLetterQueue is not { } name)
        {
            machine.Effects.Watch?.Left(queue.Name, sequence, MessageEventKind.LetGo, other: null, otherSequence: 0, note);
            machine.Segments.Release(body);
            return;
        }

        var moved = 0L;
        if (queue.DeadLetterGroup is { } elsewhere)
            Transferring.Send(machine, name, elsewhere, body, note);
        else
            moved = Put(machine, name, body, group, note);
        machine.Effects.Watch?.Left(queue.Name, sequence, MessageEventKind.DeadLettered, name, moved, note);
    }

    private static long Put(MachineState machine, QueueName name, BodyRef body, string? group, DeadLetterNote note)
    {
        if (!machine.TryFind(name, out var target))
            target = machine.Add(name, QueueOptions.Default, deadLetterGroup: null);
        var stored = target.Backlog.Append(new Arrival(machine.Now, body, DueAt: null, ExpiryIn(target, note), group, note));
        target.Counters.Enqueued++;
        machine.Touch(target);
        machine.Effects.Watch?.Arrived(name, stored.Sequence, note.Source, note.SourceSequence, note);
        return stored.Sequence;
    }
}

/// <summary>Why messages go to a dead-letter queue without a consumer's word.</summary>
internal static class Reasons
{
    public const string Expired = "its time to live was over";

    public const string Dropped = "it was the oldest when the queue was full";

    public static string DeliveryLimit(int limit) => $"it reached the delivery limit of {limit}";
}
