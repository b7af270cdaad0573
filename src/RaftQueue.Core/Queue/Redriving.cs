using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Moves messages out of a dead-letter queue, in order, to where they came from or to a named queue. They start there afresh: at the end of the order,
/// never delivered, under that queue's own time to live. A queue at its bound takes no more, and nothing is dropped to make room. What
/// cannot be moved stays, and is counted
/// with the reason. What goes to another group leaves at once, and waits on the way for the queue to exist and to have room
/// (<see cref="Transferring"/>).
/// </summary>
internal static class Redriving
{
    public static IReply Apply(MachineState machine, Redrive command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (OptionRules.Within(nameof(command.MaxMessages), command.MaxMessages, 1, Bounds.MaxMessagesPerCommand) is { } refusal)
            return refusal;
        if (queue.Redrives.Recall(command.RequestId) is { } before)
            return before;
        if (command.Target == queue.Name)
            return Refusals.RedriveToItself(queue.Name);
        if (command is { Target: { } target, TargetGroup: null } && !machine.TryFind(target, out _))
            return Refusals.UnknownQueue(target);

        var answer = new Walk(machine, queue, command).Run();
        queue.Redrives.Remember(command.RequestId, answer);
        return answer;
    }

    /// <summary>One redrive over the messages that it asks for.</summary>
    private sealed class Walk(MachineState machine, QueueState queue, Redrive command)
    {
        private readonly List<RedriveSkipped> _skipped = [];
        private readonly Dictionary<QueueName, RedriveObstacle> _blocked = [];
        private int _moved;

        public Redriven Run()
        {
            var (next, seen) = (command.FromSequence, 0);
            while (_moved < command.MaxMessages && seen < Bounds.MaxRedriveScan && TryFind(next, out var message))
            {
                (next, seen) = (message.Sequence + 1, seen + 1);
                if (command.Source is { } source && message.Note?.Source != source)
                    continue;
                if (Move(message) is { } obstacle)
                    Skip(obstacle.Obstacle, obstacle.Queue, message.Sequence);
                else
                    _moved++;
            }

            var isWhole = _moved < command.MaxMessages && seen < Bounds.MaxRedriveScan;
            return new Redriven(queue.Name, _moved) { Skipped = [.. _skipped], NextSequence = isWhole ? 0 : next };
        }

        private bool TryFind(long sequence, out Message message) =>
            queue.Backlog.TryFindFrom(sequence, out message) && message.Sequence <= (command.ThroughSequence ?? long.MaxValue);

        /// <summary>Moves a message, or says why it stays.</summary>
        private (RedriveObstacle Obstacle, QueueName? Queue)? Move(Message message)
        {
            if (message.Ref.State == MessageState.Leased)
                return (RedriveObstacle.Held, null);
            if (message.Ref.State == MessageState.Delayed)
                return (RedriveObstacle.NotDue, null);
            var note = message.Note;
            if ((command.Target ?? note?.Source) is not { } target)
                return (RedriveObstacle.NoSource, null);
            // Order is kept: where one found no room, a smaller one behind it does not pass.
            if (_blocked.TryGetValue(target, out var known))
                return (known, target);
            var obstacle = (command.Target is null ? note!.SourceGroup : command.TargetGroup) is { } elsewhere
                ? MoveAway(message, target, elsewhere)
                : MoveWithin(message, target);
            if (obstacle is not { } found)
                return null;
            _blocked.Add(target, found);
            return (found, target);
        }

        private RedriveObstacle? MoveWithin(Message message, QueueName name)
        {
            if (!machine.TryFind(name, out var target))
                return RedriveObstacle.SourceGone;
            var (body, group, sequence, note) = (message.Ref.Body, message.Group?.Key, message.Sequence, LeavingNoteOf(message));
            if (!target.HasRoomFor(body.Length))
                return RedriveObstacle.QueueFull;
            queue.Backlog.Remove(message);
            machine.Touch(queue);
            var stored = target.Backlog.Append(new Arrival(machine.Now, body, DueAt: null, ExpiresAt: null, group, Note: null));
            target.Counters.Enqueued++;
            machine.Touch(target);
            machine.Effects.Watch?.Left(queue.Name, sequence, MessageEventKind.Redriven, name, stored.Sequence, note);
            machine.Effects.Watch?.Arrived(name, stored.Sequence, queue.Name, sequence, note: null);
            return null;
        }

        private RedriveObstacle? MoveAway(Message message, QueueName target, GroupId group)
        {
            if (!Transferring.HasRoom(machine))
                return RedriveObstacle.TooManyInTransit;
            var (body, note) = (message.Ref.Body, LeavingNoteOf(message));
            queue.Backlog.Remove(message);
            machine.Touch(queue);
            Transferring.Send(machine, target, group, body, note);
            machine.Effects.Watch?.Left(queue.Name, note.SourceSequence, MessageEventKind.Redriven, target, otherSequence: 0, note);
            return null;
        }

        private DeadLetterNote LeavingNoteOf(Message message) => DeadLetterNote.Of(queue, message, DeadLetterCause.Redriven, reason: "");

        private void Skip(RedriveObstacle obstacle, QueueName? target, long sequence)
        {
            var place = _skipped.FindIndex(known => known.Obstacle == obstacle && known.Queue == target);
            if (place < 0 && _skipped.Count < Bounds.MaxRedriveObstacles)
            {
                // The last place counts together whatever has none of its own.
                var isLast = _skipped.Count == Bounds.MaxRedriveObstacles - 1;
                _skipped.Add(new RedriveSkipped(isLast ? RedriveObstacle.Other : obstacle, isLast ? null : target, 1, sequence));
                return;
            }

            place = place < 0 ? _skipped.Count - 1 : place;
            _skipped[place] = _skipped[place] with { Messages = _skipped[place].Messages + 1 };
        }
    }
}
