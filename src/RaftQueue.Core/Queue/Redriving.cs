using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves messages out of a dead-letter queue, in order, to where they came from or to a named queue. They start there afresh: at the end of the order,
/// never delivered, under that queue's own time to live. A queue at its bound takes no more, and nothing is dropped to make room; what found no room
/// stays. Messages that somebody holds, or that are not due, stay too. What goes to another group leaves at once, and waits on the way for the queue to exist and
/// to have room (<see cref="Transferring"/>).
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
        if (CheckTargets(machine, command, messages) is { } unknown)
            return unknown;
        if (MoveAll(machine, queue, command, messages, out var moved) is { } full && moved == 0)
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

    // Everything of this group is checked before anything moves: a refusal changes nothing.
    private static Refused? CheckTargets(MachineState machine, Redrive command, List<Message> messages)
    {
        if (command is { Target: { } target, TargetGroup: null } && !machine.TryFind(target, out _))
            return Refusals.UnknownQueue(target);
        foreach (var message in command.Target is null ? messages : [])
        {
            if (message.Page.Notes[message.Slot] is not { } note)
                return Refusals.NotDeadLettered(message.Sequence);
            if (note.SourceGroup is null && !machine.TryFind(note.Source, out _))
                return Refusals.UnknownRedriveTarget(note.Source, message.Sequence);
        }

        return null;
    }

    private static Refused? MoveAll(MachineState machine, QueueState queue, Redrive command, List<Message> messages, out int moved)
    {
        moved = 0;
        foreach (var message in messages)
        {
            var note = message.Page.Notes[message.Slot];
            var target = command.Target ?? note!.Source;
            var group = command.Target is null ? note!.SourceGroup : command.TargetGroup;
            var refusal = group is { } elsewhere ? MoveAway(machine, queue, message, target, elsewhere) : Move(machine, queue, message, target);
            if (refusal is not null)
                return refusal;
            machine.Touch(queue);
            moved++;
        }

        return null;
    }

    private static Refused? Move(MachineState machine, QueueState queue, Message message, QueueName name)
    {
        machine.TryFind(name, out var target);
        var (body, group, sequence, note) = (message.Ref.Body, message.Group?.Key, message.Sequence, NoteOf(queue, message));
        if (!target!.HasRoomFor(body.Length))
            return Refusals.QueueFull(target.Name, target.Options);
        queue.Backlog.Remove(message);
        var stored = target.Backlog.Append(new Arrival(machine.Now, body, DueAt: null, ExpiresAt: null, group, Note: null));
        target.Counters.Enqueued++;
        machine.Touch(target);
        machine.Effects.Watch?.Left(queue.Name, sequence, MessageEventKind.Redriven, name, stored.Sequence, note);
        machine.Effects.Watch?.Arrived(name, stored.Sequence, queue.Name, sequence, note: null);
        return null;
    }

    private static Refused? MoveAway(MachineState machine, QueueState queue, Message message, QueueName target, GroupId group)
    {
        if (!Transferring.HasRoom(machine))
            return Refusals.TooManyInTransit(target);
        var (body, note) = (message.Ref.Body, NoteOf(queue, message));
        queue.Backlog.Remove(message);
        Transferring.Send(machine, target, group, body, note);
        machine.Effects.Watch?.Left(queue.Name, note.SourceSequence, MessageEventKind.Redriven, target, otherSequence: 0, note);
        return null;
    }

    private static DeadLetterNote NoteOf(QueueState queue, Message message) => DeadLetterNote.Of(queue, message, DeadLetterCause.Redriven, reason: "");
}
