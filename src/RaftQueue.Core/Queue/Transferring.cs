using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves messages to queues of other groups. Leaving a queue for the outbox is one step of this group's machine; arriving is one of the other's; in between the leader
/// sends until it hears that they have arrived. So a message is delivered at least once, and stored once: the other machine knows what it has taken in.
/// </summary>
internal static class Transferring
{
    /// <summary>Whether more may be put on its way. Looked at before a command: one that drops or moves several may go over it by those.</summary>
    public static bool HasRoom(MachineState machine) => machine.Outboxes.Messages < Bounds.MaxMessagesInTransit;

    /// <summary>Puts a message on its way. It is out of its queue by now, and its body goes along.</summary>
    public static void Send(MachineState machine, QueueName target, GroupId group, BodyRef body, DeadLetterNote note)
    {
        var outbox = machine.Outboxes.Get(target, group, machine.Now);
        if (outbox.Messages.Count == 0)
            machine.Effects.Add(new QueueEffect.Carry(target));
        machine.Outboxes.Put(outbox, new Arrival(machine.Now, body, DueAt: null, ExpiresAt: null, GroupKey: null, note));
    }

    /// <summary>
    /// Takes in what another group sends: dead letters always, as within a group, and redriven messages as long as they find room. What was taken in before is only
    /// confirmed.
    /// </summary>
    public static IReply Receive(MachineState machine, Transfer command)
    {
        if (Check(command) is { } refusal)
            return refusal;
        if (!machine.TryFind(command.Queue, out var queue))
        {
            if (command.Origins[0].Cause == DeadLetterCause.Redriven)
                return Refusals.UnknownQueue(command.Queue);
            queue = machine.Add(command.Queue, QueueOptions.Default, deadLetterGroup: null);
        }

        var arrived = 0;
        foreach (var message in command.Messages)
        {
            var origin = command.Origins[arrived];
            var mark = new Watermark(command.Outbox, origin.Sequence);
            if (mark.CompareTo(queue.Inbox[command.From]) > 0)
            {
                if (origin.Cause == DeadLetterCause.Redriven && !queue.HasRoomFor(message.Packed.Length))
                    break;
                Store(machine, queue, message, command.From, origin);
                queue.Inbox[command.From] = mark;
            }

            arrived++;
        }

        return arrived == 0
            ? Refusals.QueueFull(queue.Name, queue.Options)
            : new Transferred(queue.Name, command.Outbox, command.Origins[arrived - 1].Sequence);
    }

    /// <summary>Forgets what has arrived.</summary>
    public static TransferConfirmed Confirm(MachineState machine, ConfirmTransfer command)
    {
        var confirmed = 0;
        if (!machine.Outboxes.TryFind(command.Target, out var outbox) || outbox.Number != command.Outbox)
            return new TransferConfirmed(command.Target, confirmed);
        while (outbox.Messages.TryFindFrom(outbox.Messages.FirstSequence, out var message) && message.Sequence <= command.Through)
        {
            var note = message.Note!;
            machine.Effects.Watch?.Say(note.Source, note.SourceSequence, MessageEventKind.TransferConfirmed, told => told with { Other = command.Target });
            machine.Segments.Release(message.Ref.Body);
            machine.Outboxes.Take(outbox, message);
            confirmed++;
        }

        if (outbox.Messages.Count > 0)
            machine.Effects.Add(new QueueEffect.Carry(command.Target));
        return new TransferConfirmed(command.Target, confirmed);
    }

    private static Refused? Check(Transfer command)
    {
        if (!QueueName.IsValid(command.Queue.Value))
            return Refusals.InvalidName(nameof(command.Queue), command.Queue);
        if (OptionRules.Within("Messages.Count", command.Messages.Count, 1, Bounds.MaxMessagesPerCommand) is { } refusal)
            return refusal;
        if (OptionRules.Within("Origins.Length", command.Origins.Length, command.Messages.Count, command.Messages.Count) is { } mismatch)
            return mismatch;
        return command.Messages.IsWellFormed(out var problem) ? null : Refusals.Malformed(problem);
    }

    private static void Store(MachineState machine, QueueState queue, MessageView message, GroupId from, DeadLetter origin)
    {
        var isRedriven = origin.Cause == DeadLetterCause.Redriven;
        var note = isRedriven ? null : DeadLetterNote.Of(origin, from);
        var group = message.GroupKey.IsEmpty ? null : Encoding.Latin1.GetString(message.GroupKey.Span);
        var stored = queue.Backlog.Append(
            new Arrival(
                machine.Now, machine.Segments.Append(message.Packed.Span), DueAt: null, DeadLettering.ExpiryIn(queue, note), group, note));
        queue.Counters.Enqueued++;
        machine.Touch(queue);
        machine.Effects.Watch?.Arrived(queue.Name, stored.Sequence, origin.Source, origin.SourceSequence, note);
    }
}
