using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>
/// What the queue machine is to do, said as plainly as possible: lists that are searched from the front, no index, no cursor, no page. Slow, and easy to check
/// by eye against the promises of the contracts. It shares no code with the machine.
/// </summary>
internal sealed partial class ReferenceQueues
{
    private readonly SortedDictionary<string, RefQueue> _queues = new(StringComparer.Ordinal);
    private readonly List<RefProducer> _producers = [];
    private readonly HashSet<(QueueName, ProducerId)> _refused = [];
    private long _now;
    private long _lastToken;

    /// <summary>What the last command caused, in words.</summary>
    public List<string> Effects { get; } = [];

    public IReply? Apply(long now, ICommand command)
    {
        Effects.Clear();
        _now = Math.Max(_now, now);
        PassTime();
        var reply = Do(command);
        foreach (var queue in _queues.Values)
            Assign(queue);
        return reply;
    }

    public IEnumerable<QueueStats> Stats() => _queues.Values.Select(queue => new QueueStats(
        queue.Name,
        queue.Options,
        queue.Messages.Count(message => !message.IsHeld && message.DueAt is null),
        queue.Messages.Count(message => message.IsHeld),
        queue.Messages.Count(message => message.DueAt is not null),
        queue.Bytes,
        queue.Consumers.Count(consumer => !consumer.IsPull),
        queue.Messages.Count == 0 ? queue.Next : queue.Messages.Min(message => message.Sequence),
        queue.Next,
        queue.Enqueued,
        queue.Acknowledged,
        queue.DeadLettered,
        queue.Redelivered));

    /// <summary>The messages of a queue with all that a peek shows.</summary>
    public IEnumerable<string> Peek(QueueName name) => _queues[name.Value].Messages.OrderBy(message => message.Sequence).Select(message =>
        $"{message.Sequence} {message.Body} token {message.Token} count {message.Count + (message.IsHeld ? 1 : 0)} at {message.EnqueuedAt} from {message.Note}");

    private void PassTime()
    {
        _producers.RemoveAll(producer => producer.LastHeard + (long)Bounds.ProducerMemory.TotalMilliseconds <= _now);
        foreach (var queue in _queues.Values.ToList())
        {
            foreach (var message in queue.Messages.Where(message => message.IsHeld && message.Until <= _now).OrderBy(message => (message.Until, message.Token)).ToList())
                Return(queue, message, isStarted: true);
            foreach (var pull in queue.Consumers.Where(pull => pull is { IsPull: true, IsOpen: true } && pull.WaitUntil <= _now).OrderBy(pull => (pull.WaitUntil, pull.Order)).ToList())
                AnswerEmpty(queue, pull);
            foreach (var message in queue.Messages.Where(message => !message.IsHeld && queue.ExpiryOf(message) <= _now)
                         .OrderBy(message => (queue.ExpiryOf(message), message.Sequence)).ToList())
                DeadLetter(queue, message, DeadLetterCause.Expired);
            foreach (var message in queue.Messages.Where(message => message.DueAt <= _now).OrderBy(message => (message.DueAt, message.Sequence)).ToList())
            {
                message.DueAt = null;
                message.Place = (queue.Next - 1, ++queue.Turn);
            }
        }
    }

    private IReply? Do(ICommand command) => command switch
    {
        DeclareQueue declare => Declare(declare),
        Enqueue enqueue when !_queues.ContainsKey(enqueue.Queue.Value) && _refused.Add((enqueue.Queue, enqueue.Producer)) => Refuse(RefusalCode.UnknownQueue),
        _ when command is IQueueCommand named && !_queues.ContainsKey(named.Queue.Value) => Refuse(RefusalCode.UnknownQueue),
        DeleteQueue delete => Delete(_queues[delete.Queue.Value]),
        PurgeQueue purge => Purge(_queues[purge.Queue.Value]),
        Enqueue enqueue => Enqueue(_queues[enqueue.Queue.Value], enqueue),
        Subscribe subscribe => Subscribe(_queues[subscribe.Queue.Value], subscribe),
        Receive receive => Receive(_queues[receive.Queue.Value], receive),
        Unsubscribe unsubscribe => Unsubscribe(_queues[unsubscribe.Queue.Value], unsubscribe),
        Settle settle => Settle(_queues[settle.Queue.Value], settle),
        Extend extend => Extend(_queues[extend.Queue.Value], extend),
        Redrive redrive => Redrive(_queues[redrive.Queue.Value], redrive),
        _ => Ticked.Instance,
    };

    private static Refused Refuse(RefusalCode code) => new(code, "");

    private IReply Declare(DeclareQueue command)
    {
        if (_queues.TryGetValue(command.Queue.Value, out var existing))
            return existing.Options == command.Options ? new Declared(command.Queue, false) : Refuse(RefusalCode.ConflictingOptions);
        if (command.Options.DeadLetterQueue == command.Queue)
            return Refuse(RefusalCode.ConflictingOptions);
        var next = command.Options.DeadLetterQueue;
        while (next is { } name && name != command.Queue)
            next = _queues.TryGetValue(name.Value, out var target) ? target.Options.DeadLetterQueue : null;
        if (next is not null)
            return Refuse(RefusalCode.DeadLetterCycle);
        _queues.Add(command.Queue.Value, new RefQueue(command.Queue, command.Options));
        return new Declared(command.Queue, true);
    }

    private Deleted Delete(RefQueue queue)
    {
        foreach (var consumer in queue.Consumers.Where(consumer => consumer.IsOpen))
            Effects.Add($"end {queue.Name} {consumer.Id}");
        _producers.RemoveAll(producer => producer.Queue == queue.Name);
        _queues.Remove(queue.Name.Value);
        return new Deleted(queue.Name, queue.Messages.Count);
    }

    private static Purged Purge(RefQueue queue) => new(queue.Name, queue.Messages.RemoveAll(message => !message.IsHeld));

    private IReply Enqueue(RefQueue queue, Enqueue command)
    {
        var producer = _producers.Find(known => known.Queue == queue.Name && known.Id == command.Producer);
        if (producer is null && _refused.Contains((queue.Name, command.Producer)))
            return Refuse(RefusalCode.UnknownQueue);
        var last = producer?.Last ?? 0;
        if (command.FirstSequence > last + 1)
            return Refuse(RefusalCode.SequenceGap);
        if (command.FirstSequence <= last)
            return producer!.Commands.Find(known => known.FirstSequence == command.FirstSequence && known.Sent == command.Messages.Count)?.Answer ?? (IReply)Refuse(RefusalCode.SequenceForgotten);

        var all = Unpack(command.Messages);
        var refused = all.Select((message, position) => (position, code: queue.Misfit(message))).Where(one => one.code is not null)
            .Select(one => new MessageRefused(one.position, Refuse(one.code!.Value))).ToList();
        var messages = all.Where(message => queue.Misfit(message) is null).ToList();
        var isDropping = queue.Options.Overflow == OverflowPolicy.DropOldest;
        var fitting = 0;
        while (fitting < messages.Count && queue.Fits(messages.Take(fitting + 1), isDropping))
            fitting++;
        var why = fitting < messages.Count ? Refuse(RefusalCode.QueueFull) : null;
        if (command.IsAtomic && fitting < all.Count)
        {
            fitting = 0;
            why = refused.Count == all.Count ? null : refused.Count > 0 ? refused[0].Refusal : Refuse(RefusalCode.QueueFull);
        }

        while (fitting > 0 && !queue.Fits(messages.Take(fitting), isDropping: false))
            DeadLetter(queue, queue.Messages.Where(message => !message.IsHeld).MinBy(message => message.Sequence)!, DeadLetterCause.Dropped);
        var answer = new Enqueued(queue.Name, command.FirstSequence, queue.Next, fitting, why) { RefusedMessages = [.. refused] };
        foreach (var message in messages.Take(fitting))
            Store(queue, message);

        if (producer is null)
            _producers.Add(producer = new RefProducer(queue.Name, command.Producer));
        producer.Last = command.FirstSequence + all.Count - 1;
        producer.LastHeard = _now;
        producer.Commands.Add(new RefCommand(command.FirstSequence, all.Count, answer));
        if (producer.Commands.Count > Bounds.MaxRememberedCommandsPerProducer)
            producer.Commands.RemoveAt(0);
        return answer;
    }

    private void Store(RefQueue queue, RefMessage message)
    {
        message.Sequence = queue.Next++;
        message.Place = (message.Sequence, 0);
        message.EnqueuedAt = _now;
        message.ExpiresAt = message.OwnTimeToLive is { } kept ? _now + kept : null;
        var delay = message.OwnDelay ?? (long)queue.Options.Delay.TotalMilliseconds;
        message.DueAt = delay > 0 ? _now + delay : null;
        queue.Messages.Add(message);
        queue.Enqueued++;
    }

    private static List<RefMessage> Unpack(MessageBlock block)
    {
        var messages = new List<RefMessage>();
        foreach (var view in block)
        {
            messages.Add(new RefMessage(Encoding.UTF8.GetString(view.Body.Span), view.Packed.Length)
            {
                Group = view.GroupKey.IsEmpty ? null : Encoding.UTF8.GetString(view.GroupKey.Span),
                OwnDelay = (long?)view.Delay?.TotalMilliseconds,
                OwnTimeToLive = (long?)view.TimeToLive?.TotalMilliseconds,
            });
        }

        return messages;
    }

    private void DeadLetter(RefQueue queue, RefMessage message, DeadLetterCause cause)
    {
        queue.Messages.Remove(message);
        queue.DeadLettered++;
        if (queue.Options.DeadLetterQueue is not { } name || queue.IsAtRest(message))
            return;
        if (!_queues.TryGetValue(name.Value, out var target))
            _queues.Add(name.Value, target = new RefQueue(name, QueueOptions.Default));
        Arrive(target, message, $"{queue.Name} {message.Sequence} {message.EnqueuedAt} {message.Count} {cause} via {string.Join(' ', message.Path)}", [.. message.Path, queue.Name]);
    }

    private void Arrive(RefQueue target, RefMessage message, string note, IReadOnlyList<QueueName> path)
    {
        target.Messages.Add(new RefMessage(message.Body, message.Length)
        {
            Sequence = target.Next,
            Place = (target.Next, 0),
            Group = message.Group,
            EnqueuedAt = _now,
            Note = note,
            Path = path,
        });
        target.Next++;
        target.Enqueued++;
    }

    private IReply Redrive(RefQueue queue, Redrive command)
    {
        if (queue.Redrives.TryGetValue(command.RequestId, out var before))
            return before;
        if (command.Target == queue.Name)
            return Refuse(RefusalCode.ConflictingOptions);
        if (command.Target is { } target && !_queues.ContainsKey(target.Value))
            return Refuse(RefusalCode.UnknownQueue);

        var (moved, next) = (0, 0L);
        var skipped = new List<RedriveSkipped>();
        var asked = queue.Messages.OrderBy(message => message.Sequence)
            .Where(message => message.Sequence >= command.FromSequence && message.Sequence <= (command.ThroughSequence ?? long.MaxValue)).ToList();
        foreach (var message in asked)
        {
            if (command.Source is { } source && message.Source != source)
                continue;
            if (Obstacle(message, command.Target ?? message.Source, skipped) is { } obstacle)
            {
                var queueName = obstacle is RedriveObstacle.SourceGone or RedriveObstacle.QueueFull ? command.Target ?? message.Source : null;
                var known = skipped.FindIndex(one => one.Obstacle == obstacle && one.Queue == queueName);
                if (known < 0)
                    skipped.Add(new RedriveSkipped(obstacle, queueName, 1, message.Sequence));
                else
                    skipped[known] = skipped[known] with { Messages = skipped[known].Messages + 1 };
                continue;
            }

            queue.Messages.Remove(message);
            Arrive(_queues[(command.Target ?? message.Source)!.Value.Value], message, "", []);
            if (++moved == command.MaxMessages)
            {
                next = message.Sequence + 1;
                break;
            }
        }

        var answer = new Redriven(queue.Name, moved) { Skipped = [.. skipped], NextSequence = next };
        queue.Redrives.Add(command.RequestId, answer);
        return answer;
    }

    private RedriveObstacle? Obstacle(RefMessage message, QueueName? target, List<RedriveSkipped> before)
    {
        if (message.IsHeld)
            return RedriveObstacle.Held;
        if (message.DueAt is not null)
            return RedriveObstacle.NotDue;
        if (target is not { } name)
            return RedriveObstacle.NoSource;
        if (!_queues.TryGetValue(name.Value, out var to))
            return RedriveObstacle.SourceGone;
        var isBlocked = before.Exists(one => one.Obstacle == RedriveObstacle.QueueFull && one.Queue == name);
        return isBlocked || !to.Fits([message], isDropping: false) ? RedriveObstacle.QueueFull : null;
    }
}
