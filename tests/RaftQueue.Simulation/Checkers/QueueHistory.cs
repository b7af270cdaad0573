using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// The promises of the queue: nothing confirmed is lost, nothing is stored twice, first deliveries follow the commit order, no message is in two hands, an acknowledged
/// message never returns, one that was handed over before says so. Each committed command is judged once, when the first machine has
/// applied it; what other machines and the clients see must agree with that.
/// </summary>
public sealed class QueueHistory : Checker
{
    private readonly Dictionary<QueueName, QueueBook> _queues = [];
    private readonly List<QueueBook> _demanding = [];
    private readonly HashSet<(QueueName, ProducerId, long)> _stored = [], _refused = [];
    private LogIndex _judged;
    private LogTime _now;

    public override string Name => "Queue Promises";

    /// <summary>How many messages were stored in all queues.</summary>
    public long Stored => _queues.Values.Sum(queue => queue.Stored);

    /// <summary>How many of them were acknowledged.</summary>
    public long Acknowledged => _queues.Values.Sum(queue => queue.Acknowledged);

    public override void Applied(Witness node, Entry entry, ICommand? command, Outcome outcome, Func<IQuery, IReply> ask)
    {
        if (entry.Index <= _judged)
            return;
        _judged = entry.Index;
        _now = LogTime.Max(_now, entry.Stamp);
        if (command is not null)
            Judge(command, outcome, ask);
    }

    public override void Confirmed(Enqueue command, Enqueued reply)
    {
        foreach (var (position, sequence, _) in StoredOf(command, reply))
            Book(command.Queue).Confirm(command.Producer, command.FirstSequence + position, sequence);
        var confirmed = StoredOf(command, reply).Select(stored => stored.Position).ToHashSet();
        for (var position = 0; position < command.Messages.Count; position++)
        {
            if (!confirmed.Contains(position))
                Refuse(command, position);
        }
    }

    public override void Refused(Enqueue command)
    {
        for (var position = 0; position < command.Messages.Count; position++)
            Refuse(command, position);
    }

    public override void Delivered(QueueName queue, ConsumerId consumer, Delivery delivery) => Book(queue).Receive(consumer, delivery);

    /// <summary>What a machine says of a queue when all is at rest.</summary>
    public void AtRest(QueueStats stats) => Book(stats.Queue).CompareWith(stats);

    private void Judge(ICommand command, Outcome outcome, Func<IQuery, IReply> ask)
    {
        switch (command, outcome.Reply)
        {
            case (DeclareQueue declare, Declared { IsNew: true }):
                Declare(declare);
                break;
            case (Enqueue enqueue, Enqueued reply):
                Store(enqueue, reply);
                break;
            case (Settle settle, Settled reply):
                foreach (var settlement in settle.Settlements)
                    Book(settle.Queue).Settle(settle.Consumer, settlement, WasRefused(reply, settlement), _now);
                break;
            case (Unsubscribe unsubscribe, Unsubscribed):
                Book(unsubscribe.Queue).EndAll(unsubscribe.Consumer);
                break;
        }

        // Messages leave for the dead-letter queue before anything is handed out.
        foreach (var book in _demanding)
            CollectDeadLetters(book, ask);

        // Effects are grouped by consumer; the tokens tell in which order the leases were given.
        foreach (var (queue, consumer, lease) in outcome.Effects.SelectMany(Leases).OrderBy(given => given.Lease.Token))
            Book(queue).Lend(consumer, lease, _now);
    }

    private void Refuse(Enqueue command, int position)
    {
        var message = (command.Queue, command.Producer, command.FirstSequence + position);
        _refused.Add(message);
        if (_stored.Contains(message))
            throw new Violation("A Refusal Is Final", $"message {message.Item3} of producer {command.Producer} is stored in {command.Queue}, and was refused");
    }

    private static bool WasRefused(Settled reply, Settlement settlement) =>
        reply.Refused.Any(refused => refused.Sequence == settlement.Sequence && refused.Token == settlement.Token);

    private void Store(Enqueue enqueue, Enqueued reply)
    {
        foreach (var (position, sequence, message) in StoredOf(enqueue, reply))
        {
            Book(enqueue.Queue).Store(enqueue.Producer, enqueue.FirstSequence + position, sequence, message, _now);
            var sent = (enqueue.Queue, enqueue.Producer, enqueue.FirstSequence + position);
            _stored.Add(sent);
            if (_refused.Contains(sent))
                throw new Violation("A Refusal Is Final", $"message {sent.Item3} of producer {enqueue.Producer} was refused, and is stored in {enqueue.Queue}");
        }
    }

    /// <summary>What an answer says of the messages of its command: which were stored, and under which sequences.</summary>
    private static List<(int Position, long Sequence, MessageView Message)> StoredOf(Enqueue enqueue, Enqueued reply)
    {
        var stored = new List<(int, long, MessageView)>();
        var refused = reply.RefusedMessages.Select(one => one.Position).ToHashSet();
        var position = 0;
        foreach (var message in enqueue.Messages)
        {
            if (stored.Count < reply.Count && !refused.Contains(position))
                stored.Add((position, reply.FirstMessage + stored.Count, message));
            position++;
        }

        return stored;
    }

    private static IEnumerable<(QueueName Queue, ConsumerId Consumer, Lease Lease)> Leases(QueueEffect effect) => effect switch
    {
        QueueEffect.Push push => push.Leases.Select(lease => (push.Queue, push.Consumer, lease)),
        QueueEffect.Answer answer => answer.Leases.Select(lease => (answer.Queue, answer.Consumer, lease)),
        _ => [],
    };

    private void Declare(DeclareQueue declare)
    {
        var book = new QueueBook(declare.Queue, declare.Options);
        _queues[declare.Queue] = book;
        if (declare.Options == QueueOptions.Default)
            return;
        _demanding.Add(book);
        // It is made with the first dead letter, if nobody declares it before.
        if (declare.Options.DeadLetterQueue is { } name)
            _queues.TryAdd(name, new QueueBook(name, QueueOptions.Default));
    }

    /// <summary>What left a queue by the rules of its options is seen where it arrived: each dead letter says where it came from and why.</summary>
    private void CollectDeadLetters(QueueBook source, Func<IQuery, IReply> ask)
    {
        if (source.Options.DeadLetterQueue is { } name && _queues.TryGetValue(name, out var target))
        {
            while (ask(new GetQueueStats(name)) is QueueStats stats && stats.NextSequence > target.Stored + 1)
                Collect(target, (Peeked)ask(new Peek(name, target.Stored + 1, Bounds.MaxReceive)));
        }

        source.CloseEntry((QueueStats)ask(new GetQueueStats(source.Queue)));
    }

    private void Collect(QueueBook target, Peeked arrived)
    {
        foreach (var (letter, delivery) in arrived.DeadLetters.Zip(arrived.Deliveries.ToList()))
        {
            var content = Book(letter.Source).Leave(letter.SourceSequence, letter.Cause, _now);
            target.Receive(letter, delivery, content, _now);
        }
    }

    private QueueBook Book(QueueName queue) =>
        _queues.TryGetValue(queue, out var book) ? book : throw new Violation("Nothing Confirmed Is Lost", $"queue {queue} appears, but no committed command declared it");
}
