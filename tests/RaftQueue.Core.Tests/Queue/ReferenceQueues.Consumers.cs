using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Tests.Queue;

/// <content>Who takes messages, holds them and decides over them.</content>
internal sealed partial class ReferenceQueues
{
    private IReply Subscribe(RefQueue queue, Subscribe command)
    {
        var consumer = queue.Consumers.Find(known => known.Id == command.Consumer);
        if (consumer is { IsPull: true })
            return Refuse(RefusalCode.ConflictingOptions);
        if (consumer is null)
            queue.Consumers.Add(consumer = new RefConsumer(command.Consumer, ++queue.LastOrder, isPull: false));
        else
            Hear(consumer, command.StartedThrough);
        if (queue.HeldBy(consumer).Any())
            Effects.Add(Show("push", queue, consumer, queue.HeldBy(consumer)));
        consumer.Prefetch = command.Prefetch;
        consumer.LeaseTime = LeaseTime(queue, command.Lease);
        queue.SeeTurns();
        return new Subscribed(queue.Name, command.Consumer);
    }

    private Refused? Receive(RefQueue queue, Receive command)
    {
        if (queue.Consumers.Find(known => known.Id == command.Consumer) is { } known)
        {
            if (known is { IsPull: true, IsOpen: false })
                Effects.Add(Show("answer", queue, known, queue.HeldBy(known)));
            return known.IsPull ? null : Refuse(RefusalCode.ConflictingOptions);
        }

        var pull = new RefConsumer(command.Consumer, ++queue.LastOrder, isPull: true)
        {
            Prefetch = command.MaxMessages,
            LeaseTime = LeaseTime(queue, command.Lease),
            WaitUntil = _now + (long)command.Wait.TotalMilliseconds,
        };
        queue.Consumers.Add(pull);
        queue.SeeTurns();
        Assign(queue);
        if (pull.IsOpen && pull.WaitUntil <= _now)
            AnswerEmpty(queue, pull);
        return null;
    }

    private IReply Unsubscribe(RefQueue queue, Unsubscribe command)
    {
        if (queue.Consumers.Find(known => known.Id == command.Consumer) is not { } consumer)
            return Refuse(RefusalCode.UnknownConsumer);
        Hear(consumer, command.StartedThrough);
        if (consumer is { IsPull: true, IsOpen: true })
            Effects.Add(Show("answer", queue, consumer, []));
        var held = queue.HeldBy(consumer).ToList();
        foreach (var message in held)
            Return(queue, message, message.Token <= consumer.Started);
        consumer.IsOpen = false;
        queue.Consumers.Remove(consumer);
        queue.SeeTurns();
        return new Unsubscribed(queue.Name, command.Consumer, held.Count);
    }

    private Settled Settle(RefQueue queue, Settle command)
    {
        if (queue.Consumers.Find(known => known.Id == command.Consumer) is { } consumer)
            Hear(consumer, command.StartedThrough);
        var refused = new List<SettlementRefused>();
        foreach (var settlement in command.Settlements)
        {
            var message = queue.Messages.Find(message => message.Sequence == settlement.Sequence && message.IsHeld && message.Token == settlement.Token);
            if (message is null || message.Holder!.Id != command.Consumer)
                refused.Add(new SettlementRefused(settlement.Sequence, settlement.Token, Refuse(RefusalCode.StaleLease)));
            else if (settlement.Kind == SettlementKind.Reject && queue.IsAtRest(message))
                refused.Add(new SettlementRefused(settlement.Sequence, settlement.Token, Refuse(RefusalCode.DeadLetterCycle)));
            else
                Decide(queue, message, settlement.Kind);
        }

        return new Settled(queue.Name, [.. refused]);
    }

    private void Decide(RefQueue queue, RefMessage message, SettlementKind kind)
    {
        if (kind is SettlementKind.Release or SettlementKind.Return)
        {
            Return(queue, message, isStarted: kind == SettlementKind.Release);
            return;
        }

        LetGo(queue, message);
        if (kind == SettlementKind.Ack)
        {
            queue.Messages.Remove(message);
            queue.Acknowledged++;
            return;
        }

        message.Count++;
        DeadLetter(queue, message, DeadLetterCause.Rejected);
    }

    private IReply Extend(RefQueue queue, Extend command)
    {
        var consumer = queue.Consumers.Find(known => known.Id == command.Consumer);
        if (consumer is null && command.Tokens.IsEmpty)
            return Refuse(RefusalCode.UnknownConsumer);
        var held = consumer is null ? [] : queue.HeldBy(consumer).ToList();
        var until = _now + (long)command.Lease.TotalMilliseconds;
        foreach (var message in held.Where(message => command.Tokens.IsEmpty || command.Tokens.Contains(message.Token)))
            message.Until = until;
        var stale = command.Tokens.Where(token => held.TrueForAll(message => message.Token != token));
        return new Extended(queue.Name, new LogTime(until), [.. stale.Select(token => new SettlementRefused(0, token, Refuse(RefusalCode.StaleLease)))]);
    }

    private void Assign(RefQueue queue)
    {
        var served = new List<RefConsumer>();
        var got = new Dictionary<RefConsumer, List<RefMessage>>();
        while (queue.NextConsumer() is { } consumer && queue.NextMessage() is { } message)
        {
            if (message.WasLeased)
                queue.Redelivered++;
            message.WasLeased = true;
            message.Holder = consumer;
            message.Token = _lastToken = Math.Max(_lastToken + 1, (_now / 1_000) << 20);
            message.Until = _now + consumer.LeaseTime;
            if (!got.TryGetValue(consumer, out var mine))
            {
                served.Add(consumer);
                got.Add(consumer, mine = []);
            }

            mine.Add(message);
            queue.Turns.Remove(consumer);
            queue.SeeTurns();
        }

        foreach (var consumer in served)
        {
            consumer.IsOpen = !consumer.IsPull;
            queue.SeeTurns();
            Effects.Add(Show(consumer.IsPull ? "answer" : "push", queue, consumer, got[consumer]));
        }
    }

    private void Return(RefQueue queue, RefMessage message, bool isStarted)
    {
        LetGo(queue, message);
        if (isStarted)
            message.Count++;
        if (queue.IsAtRest(message))
            return;
        if (queue.Options.DeliveryLimit > 0 && message.Count >= queue.Options.DeliveryLimit)
            DeadLetter(queue, message, DeadLetterCause.DeliveryLimit);
        else if (queue.ExpiryOf(message) <= _now)
            DeadLetter(queue, message, DeadLetterCause.Expired);
    }

    private static void LetGo(RefQueue queue, RefMessage message)
    {
        var holder = message.Holder!;
        message.Holder = null;
        message.Token = 0;
        if (holder is { IsPull: true, IsOpen: false } && !queue.HeldBy(holder).Any())
            queue.Consumers.Remove(holder);
        queue.SeeTurns();
    }

    private void AnswerEmpty(RefQueue queue, RefConsumer pull)
    {
        pull.IsOpen = false;
        queue.Consumers.Remove(pull);
        queue.SeeTurns();
        Effects.Add(Show("answer", queue, pull, []));
    }

    private void Hear(RefConsumer consumer, long startedThrough) =>
        consumer.Started = Math.Max(consumer.Started, Math.Min(startedThrough, _lastToken));

    private static long LeaseTime(RefQueue queue, TimeSpan lease) => (long)(lease == TimeSpan.Zero ? queue.Options.Lease : lease).TotalMilliseconds;

    private static string Show(string what, RefQueue queue, RefConsumer consumer, IEnumerable<RefMessage> messages) =>
        $"{what} {queue.Name} {consumer.Id}: " + string.Join(", ", messages.Select(message =>
            $"{message.Sequence} {message.Body} token {message.Token} count {message.Count + 1} at {message.EnqueuedAt} until {message.Until} from {message.Note}"));
}

internal sealed class RefMessage(string body, int length)
{
    public string Body { get; } = body;

    public int Length { get; } = length;

    public string? Group { get; init; }

    public long? OwnDelay { get; init; }

    public long? OwnTimeToLive { get; init; }

    public string Note { get; init; } = "";

    /// <summary>The queues through which it came here as a dead letter.</summary>
    public IReadOnlyList<QueueName> Path { get; init; } = [];

    public QueueName? Source => Path.Count == 0 ? null : Path[^1];

    public long Sequence { get; set; }

    public (long Anchor, long Turn) Place { get; set; }

    public long EnqueuedAt { get; set; }

    public long? DueAt { get; set; }

    public long? ExpiresAt { get; set; }

    public int Count { get; set; }

    public bool WasLeased { get; set; }

    public RefConsumer? Holder { get; set; }

    public long Token { get; set; }

    public long Until { get; set; }

    public bool IsHeld => Holder is not null;
}

internal sealed class RefConsumer(ConsumerId id, long order, bool isPull)
{
    public ConsumerId Id { get; } = id;

    public long Order { get; } = order;

    public bool IsPull { get; } = isPull;

    public bool IsOpen { get; set; } = true;

    public int Prefetch { get; set; }

    public long LeaseTime { get; set; }

    public long WaitUntil { get; set; }

    public long Started { get; set; }
}

internal sealed record RefCommand(long FirstSequence, int Sent, Enqueued Answer);

internal sealed class RefProducer(QueueName queue, ProducerId id)
{
    public QueueName Queue { get; } = queue;

    public ProducerId Id { get; } = id;

    public long Last { get; set; }

    public long LastHeard { get; set; }

    public List<RefCommand> Commands { get; } = [];
}

internal sealed class RefQueue(QueueName name, QueueOptions options)
{
    public QueueName Name { get; } = name;

    public QueueOptions Options { get; } = options;

    public List<RefMessage> Messages { get; } = [];

    public List<RefConsumer> Consumers { get; } = [];

    /// <summary>Consumers with credit, in the order of their turns.</summary>
    public List<RefConsumer> Turns { get; } = [];

    public Dictionary<Guid, Redriven> Redrives { get; } = [];

    public long Next { get; set; } = 1;

    public long Turn { get; set; }

    public long LastOrder { get; set; }

    public long Enqueued { get; set; }

    public long Acknowledged { get; set; }

    public long DeadLettered { get; set; }

    public long Redelivered { get; set; }

    public long Bytes => Messages.Sum(message => (long)message.Length);

    public IEnumerable<RefMessage> HeldBy(RefConsumer consumer) => Messages.Where(message => message.Holder == consumer).OrderBy(message => message.Token);

    /// <summary>Whether a message has been where it would go next.</summary>
    public bool IsAtRest(RefMessage message) => message.Path.Count > 0 && Options.DeadLetterQueue is { } next && message.Path.Contains(next);

    public long? ExpiryOf(RefMessage message) => IsAtRest(message) ? null :
        message.ExpiresAt ?? (Options.TimeToLive is { } kept ? message.EnqueuedAt + (long)kept.TotalMilliseconds : null);

    /// <summary>Why the queue never takes a message, by the times that the message itself names; null where it does.</summary>
    public RefusalCode? Misfit(RefMessage message)
    {
        if (message.OwnDelay is null && message.OwnTimeToLive is null)
            return null;
        if (message.OwnTimeToLive == 0)
            return RefusalCode.OutOfBounds;
        var delay = message.OwnDelay ?? (long)Options.Delay.TotalMilliseconds;
        return delay > 0 && delay >= (message.OwnTimeToLive ?? (long?)Options.TimeToLive?.TotalMilliseconds) ? RefusalCode.ConflictingOptions : null;
    }

    /// <summary>Whether more messages find room; dropping, whatever nobody holds gives way.</summary>
    public bool Fits(IEnumerable<RefMessage> more, bool isDropping)
    {
        var all = Messages.Where(message => !isDropping || message.IsHeld).Concat(more).ToList();
        return (Options.MaxMessages == 0 || all.Count <= Options.MaxMessages) && (Options.MaxBytes == 0 || all.Sum(message => (long)message.Length) <= Options.MaxBytes);
    }

    public void SeeTurns()
    {
        Turns.RemoveAll(consumer => !HasCredit(consumer));
        Turns.AddRange(Consumers.Where(consumer => HasCredit(consumer) && !Turns.Contains(consumer)).ToList());
    }

    public RefConsumer? NextConsumer() =>
        Options.SingleActiveConsumer ? Consumers.FirstOrDefault() is { } first && HasCredit(first) ? first : null : Turns.FirstOrDefault();

    /// <summary>The first in the order whose group has nothing in anybody's hands.</summary>
    public RefMessage? NextMessage() => Messages
        .Where(message => !message.IsHeld && message.DueAt is null && (message.Group is null || !Messages.Exists(other => other.IsHeld && other.Group == message.Group)))
        .MinBy(message => message.Place);

    private bool HasCredit(RefConsumer consumer) => consumer.IsOpen
        && HeldBy(consumer).Count() < consumer.Prefetch
        && HeldBy(consumer).Sum(message => message.Length) < (consumer.IsPull ? Bounds.MaxReceiveBytes : Bounds.MaxHeldBytes);
}
