using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves messages out of a dead-letter queue, in order, to where they came from or to a named queue. They start there afresh: at the end of the order,
/// never delivered, under that queue's own time to live. A queue at its bound takes no more, and nothing is dropped to make room; what found no room
/// stays. Messages that somebody holds, or that are not due, stay too.
/// </summary>
internal static class Redriving
{
    public static IReply Apply(MachineState machine, Redrive command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (OptionRules.Within(nameof(command.MaxMessages), command.MaxMessages, 1, Bounds.MaxMessagesPerCommand) is { } refusal)
            return refusal;
        if (queue.Redrives.TryRecall(command.RequestId, out var before))
            return new Redriven(queue.Name, before);
        if (command.Target == queue.Name)
            return Refusals.RedriveToItself(queue.Name);

        var messages = Choose(queue, command.MaxMessages);
        if (CheckTargets(machine, command.Target, messages) is { } unknown)
            return unknown;
        if (MoveAll(machine, queue, command.Target, messages, out var moved) is { } full && moved == 0)
            return full;
        queue.Redrives.Remember(command.RequestId, moved);
        return new Redriven(queue.Name, moved);
    }

    private static List<Message> Choose(QueueState queue, int max)
    {
        var chosen = new List<Message>();
        for (var next = 1L; chosen.Count < max && queue.Backlog.TryFindFrom(next, out var message); next = message.Sequence + 1)
        {
            if (message.Ref.State is not (MessageState.Leased or MessageState.Delayed))
                chosen.Add(message);
        }

        return chosen;
    }

    // Everything is checked before anything moves: a refusal changes nothing.
    private static Refused? CheckTargets(MachineState machine, QueueName? named, List<Message> messages)
    {
        if (named is { } target && !machine.TryFind(target, out _))
            return Refusals.UnknownQueue(target);
        foreach (var message in named is null ? messages : [])
        {
            if (message.Page.Notes[message.Slot] is not { } note)
                return Refusals.NotDeadLettered(message.Sequence);
            if (!machine.TryFind(note.Source, out _))
                return Refusals.UnknownRedriveTarget(note.Source, message.Sequence);
        }

        return null;
    }

    private static Refused? MoveAll(MachineState machine, QueueState queue, QueueName? named, List<Message> messages, out int moved)
    {
        moved = 0;
        foreach (var message in messages)
        {
            machine.TryFind(named ?? message.Page.Notes[message.Slot]!.Source, out var target);
            var (stored, group) = (message.Ref, message.Group?.Key);
            if (!HasRoom(target!, stored.Length))
                return Refusals.QueueFull(target!.Name, target.Options);
            queue.Backlog.Remove(message);
            target!.Backlog.Append(new Arrival(machine.Now, stored.Body, DueAt: null, ExpiresAt: null, group, Note: null));
            target.Counters.Enqueued++;
            machine.Touch(target);
            machine.Touch(queue);
            moved++;
        }

        return null;
    }

    private static bool HasRoom(QueueState target, int bytes) =>
        (target.Options.MaxMessages == 0 || target.Backlog.Count < target.Options.MaxMessages)
        && (target.Options.MaxBytes == 0 || target.Backlog.Bytes + bytes <= target.Options.MaxBytes);
}
