using System.Runtime.CompilerServices;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;

namespace RaftQueue.Simulation.Checkers;

/// <summary>What one queue must be by now, told from the answers to the committed commands alone. Messages have the sequences 1, 2, 3 ...</summary>
public sealed class QueueBook(QueueName queue, QueueOptions options)
{
    private readonly List<StoredMessage> _messages = [];
    private readonly Dictionary<(ProducerId, long), long> _sequences = [];
    private readonly Dictionary<long, (long Sequence, ConsumerId Consumer)> _tokens = [];
    private readonly Dictionary<ConsumerId, HashSet<long>> _heldBy = [];
    private readonly DeliveryOrder _order = new(queue);
    private readonly List<StoredMessage> _rejected = [];
    private long _lastToken;

    /// <summary>The queue.</summary>
    public QueueName Queue { get; } = queue;

    /// <summary>How it was declared.</summary>
    public QueueOptions Options { get; } = options;

    /// <summary>How many messages were stored.</summary>
    public long Stored => _messages.Count;

    /// <summary>How many were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>How many left for the dead-letter queue.</summary>
    public long DeadLettered { get; private set; }

    /// <summary>A message was stored for a producer's number.</summary>
    public void Store(ProducerId producer, long number, long sequence, in MessageView message, LogTime now)
    {
        if (_sequences.TryGetValue((producer, number), out var first))
        {
            Demand(first == sequence, "Nothing Stored Twice", $"message {number} of producer {producer} is {first}, and after a retry {sequence}");
            return;
        }

        Demand(sequence == _messages.Count + 1, "Nothing Stored Twice", $"a new message got the sequence {sequence} after {_messages.Count}");
        _sequences.Add((producer, number), sequence);
        var (delay, timeToLive) = (message.Delay ?? Options.Delay, message.TimeToLive ?? Options.TimeToLive);
        _messages.Add(new StoredMessage(sequence, Content.Of(message.Packed.Span))
        {
            Group = message.GroupKey.IsEmpty ? null : Encoding.UTF8.GetString(message.GroupKey.Span),
            Due = delay > TimeSpan.Zero ? now + delay : null,
            Expires = timeToLive is { } kept ? now + kept : null,
        });
    }

    /// <summary>A message left for the dead-letter queue.</summary>
    /// <returns>What it holds.</returns>
    public ulong Leave(long sequence, DeadLetterCause cause, LogTime now)
    {
        var message = Message(sequence, "Dead Letters");
        Demand(!message.IsGone, "Dead Letters", $"message {sequence} was finished with before and is dead-lettered now ({cause})");
        Demand(message.Token == 0 || message.Until <= now, "One Live Lease", $"message {sequence} is dead-lettered ({cause}) while {message.Holder} holds it");
        var isDue = cause switch
        {
            DeadLetterCause.Rejected => message.IsRejected,
            DeadLetterCause.Expired => message.Expires <= now,
            DeadLetterCause.DeliveryLimit => Options.DeliveryLimit > 0,
            DeadLetterCause.Dropped => Options.Overflow == OverflowPolicy.DropOldest,
            _ => false,
        };
        Demand(isDue, "Dead Letters", $"message {sequence} is dead-lettered for no reason: {cause}");
        End(message);
        message.IsDead = true;
        DeadLettered++;
        return message.Content;
    }

    /// <summary>A message arrived here as a dead letter.</summary>
    public void Receive(DeadLetter letter, Delivery delivery, ulong content, LogTime now)
    {
        Demand(letter.Sequence == _messages.Count + 1, "Dead Letters", $"a dead letter got the sequence {letter.Sequence} after {_messages.Count}");
        Demand(Content.Of(delivery.Message.Span) == content, "Dead Letters", $"dead letter {letter.Sequence} holds something else than message {letter.SourceSequence} of {letter.Source}");
        var isRead = MessageView.TryRead(delivery.Message, out var message, out var problem);
        Demand(isRead, "Dead Letters", $"dead letter {letter.Sequence} cannot be read: {problem}");
        _messages.Add(new StoredMessage(letter.Sequence, content) { Group = message.GroupKey.IsEmpty ? null : Encoding.UTF8.GetString(message.GroupKey.Span) });
    }

    /// <summary>An entry has done all that it does: what was rejected is gone, and the bounds hold.</summary>
    public void CloseEntry(QueueStats stats)
    {
        foreach (var message in _rejected)
            Demand(message.IsDead, "Dead Letters", $"message {message.Sequence} was rejected, but is not in {Options.DeadLetterQueue}");
        _rejected.Clear();
        var count = stats.Ready + stats.Leased + stats.Delayed;
        Demand(Options.MaxMessages == 0 || count <= Options.MaxMessages, "Within Limits", $"it holds {count} messages, over the limit of {Options.MaxMessages}");
        Demand(Options.MaxBytes == 0 || stats.Bytes <= Options.MaxBytes, "Within Limits", $"it holds {stats.Bytes} bytes, over the limit of {Options.MaxBytes}");
    }

    /// <summary>A producer was told where its message is.</summary>
    public void Confirm(ProducerId producer, long number, long sequence) => Demand(
        _sequences.TryGetValue((producer, number), out var stored) && stored == sequence,
        "Nothing Confirmed Is Lost",
        $"message {number} of producer {producer} was confirmed as {sequence}; committed commands stored it as {stored} (0: not at all)");

    /// <summary>A message was leased to a consumer at this time.</summary>
    public void Lend(ConsumerId consumer, Lease lease, LogTime now)
    {
        var message = Message(lease.Sequence, "One Live Lease");
        Demand(!message.IsAcknowledged, "Acknowledged Never Returns", $"message {lease.Sequence} was acknowledged and is delivered again");
        Demand(!message.IsDead, "Dead Letters", $"message {lease.Sequence} is in {Options.DeadLetterQueue} and is delivered here");
        if (message.Token == lease.Token && message.Holder == consumer)
            return;

        Demand(
            message.Token == 0 || message.Until <= now,
            "One Live Lease",
            $"message {lease.Sequence} is leased to {consumer} by token {lease.Token} while {message.Holder} holds it by {message.Token}");
        Demand(lease.Token > _lastToken, "One Live Lease", $"token {lease.Token} was given out after token {_lastToken}");
        Demand(message.Due is null || message.Due <= now, "In Due Time", $"message {lease.Sequence} is delivered at {now}, but is held back until {message.Due}");
        Demand(message.Expires is null || message.Expires > now, "In Due Time", $"message {lease.Sequence} is delivered at {now}, but expired at {message.Expires}");
        Demand(
            Options.DeliveryLimit == 0 || lease.DeliveryCount <= Options.DeliveryLimit,
            "Within Limits",
            $"message {lease.Sequence} is delivered for the {lease.DeliveryCount}. time, over the limit of {Options.DeliveryLimit}");
        _order.Deliver(message);
        End(message);
        _lastToken = lease.Token;
        _tokens.Add(lease.Token, (lease.Sequence, consumer));
        (message.Token, message.Holder, message.Until) = (lease.Token, consumer, lease.Until);
        if (!_heldBy.TryGetValue(consumer, out var held))
            _heldBy.Add(consumer, held = []);
        held.Add(lease.Sequence);
    }

    /// <summary>A consumer's decision was judged at this time.</summary>
    public void Settle(ConsumerId consumer, Settlement settlement, bool wasRefused, LogTime now)
    {
        var isLive = settlement.Sequence >= 1 && settlement.Sequence <= _messages.Count
            && _messages[(int)settlement.Sequence - 1] is var found && found.Holder == consumer && found.Token == settlement.Token && found.Until > now;
        Demand(
            isLive != wasRefused,
            "One Live Lease",
            $"{settlement.Kind} of message {settlement.Sequence} by token {settlement.Token} was {(wasRefused ? "refused" : "taken")}, but that lease {(isLive ? "is live" : "has ended")}");
        if (wasRefused)
            return;
        var message = _messages[(int)settlement.Sequence - 1];
        End(message);
        if (settlement.Kind == SettlementKind.Ack)
        {
            message.IsAcknowledged = true;
            Acknowledged++;
        }
        else if (settlement.Kind == SettlementKind.Reject)
        {
            message.IsRejected = true;
            _rejected.Add(message);
        }
    }

    /// <summary>A consumer's leases have ended together with it.</summary>
    public void EndAll(ConsumerId consumer)
    {
        if (!_heldBy.TryGetValue(consumer, out var held))
            return;
        foreach (var sequence in held.ToList())
            End(_messages[(int)sequence - 1]);
    }

    /// <summary>A consumer received a delivery.</summary>
    public void Receive(ConsumerId consumer, Delivery delivery)
    {
        var message = Message(delivery.Sequence, "Nothing Confirmed Is Lost");
        Demand(
            Content.Of(delivery.Message.Span) == message.Content, "Nothing Confirmed Is Lost", $"message {delivery.Sequence} arrived with another content than it was sent with");
        Demand(
            _tokens.TryGetValue(delivery.Token, out var lease) && lease == (delivery.Sequence, consumer),
            "One Live Lease",
            $"message {delivery.Sequence} was delivered to {consumer} by token {delivery.Token}, which was never given out for it");
        if (!message.HandOvers.TryAdd(delivery.Token, delivery.DeliveryCount))
            return;

        // Pushes may overtake each other; the tokens tell which hand-over was the later one.
        var counts = message.HandOvers.Values;
        Demand(
            counts.Zip(counts.Skip(1)).All(pair => pair.First < pair.Second),
            "Every Hand-over Counts",
            $"message {delivery.Sequence} was handed over as deliveries {string.Join(", ", counts)}, in the order of its tokens");
    }

    /// <summary>What a machine at rest says of the queue.</summary>
    public void CompareWith(QueueStats stats) => Demand(
        stats.Ready + stats.Leased + stats.Delayed == Stored - Acknowledged - DeadLettered && stats.NextSequence == Stored + 1,
        "Nothing Confirmed Is Lost",
        $"{Stored} messages were stored, {Acknowledged} acknowledged and {DeadLettered} dead-lettered, but the machine has {stats.Ready} ready, {stats.Leased} leased and {stats.Delayed} delayed");

    private void End(StoredMessage message)
    {
        if (message.Token != 0)
            _heldBy[message.Holder].Remove(message.Sequence);
        (message.Token, message.Holder) = (0, default);
    }

    private StoredMessage Message(long sequence, string promise)
    {
        Demand(sequence >= 1 && sequence <= _messages.Count, promise, $"message {sequence} appears, but only {_messages.Count} were stored");
        return _messages[(int)sequence - 1];
    }

    private void Demand(bool holds, string promise, [InterpolatedStringHandlerArgument(nameof(holds))] ref Otherwise otherwise)
    {
        if (!holds)
            throw new Violation(promise, $"queue {Queue}: {otherwise.Text}");
    }
}
