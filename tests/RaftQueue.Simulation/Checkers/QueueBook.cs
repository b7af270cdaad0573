using System.Runtime.CompilerServices;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;

namespace RaftQueue.Simulation.Checkers;

/// <summary>What one queue must be by now, told from the answers to the committed commands alone. Messages have the sequences 1, 2, 3 ...</summary>
public sealed class QueueBook(QueueName queue)
{
    private readonly List<StoredMessage> _messages = [];
    private readonly Dictionary<(ProducerId, long), long> _sequences = [];
    private readonly Dictionary<long, (long Sequence, ConsumerId Consumer)> _tokens = [];
    private readonly Dictionary<ConsumerId, HashSet<long>> _heldBy = [];
    private long _lastToken;
    private long _delivered;

    /// <summary>How many messages were stored.</summary>
    public long Stored => _messages.Count;

    /// <summary>How many were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>A message was stored for a producer's number.</summary>
    public void Store(ProducerId producer, long number, long sequence, ReadOnlySpan<byte> message)
    {
        if (_sequences.TryGetValue((producer, number), out var first))
        {
            Demand(first == sequence, "Nothing Stored Twice", $"message {number} of producer {producer} is {first}, and after a retry {sequence}");
            return;
        }

        Demand(sequence == _messages.Count + 1, "Nothing Stored Twice", $"a new message got the sequence {sequence} after {_messages.Count}");
        _sequences.Add((producer, number), sequence);
        _messages.Add(new StoredMessage(Content.Of(message)));
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
        if (message.Token == lease.Token && message.Holder == consumer)
            return;

        Demand(
            message.Token == 0 || message.Until <= now,
            "One Live Lease",
            $"message {lease.Sequence} is leased to {consumer} by token {lease.Token} while {message.Holder} holds it by {message.Token}");
        Demand(lease.Token > _lastToken, "One Live Lease", $"token {lease.Token} was given out after token {_lastToken}");
        CheckOrder(message, lease.Sequence);
        End(message, lease.Sequence);
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
        End(message, settlement.Sequence);
        if (settlement.Kind == SettlementKind.Release)
            return;
        message.IsAcknowledged = true;
        Acknowledged++;
    }

    /// <summary>A consumer's leases have ended together with it.</summary>
    public void EndAll(ConsumerId consumer)
    {
        if (!_heldBy.TryGetValue(consumer, out var held))
            return;
        foreach (var sequence in held.ToList())
            End(_messages[(int)sequence - 1], sequence);
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
    }

    /// <summary>What a machine at rest says of the queue.</summary>
    public void CompareWith(QueueStats stats) => Demand(
        stats.Ready + stats.Leased + stats.Delayed == Stored - Acknowledged && stats.NextSequence == Stored + 1,
        "Nothing Confirmed Is Lost",
        $"{Stored} messages were stored and {Acknowledged} acknowledged, but the machine has {stats.Ready} ready and {stats.Leased} leased");

    private void CheckOrder(StoredMessage message, long sequence)
    {
        if (message.WasDelivered)
            return;
        Demand(
            sequence == _delivered + 1, "First Deliveries In Order", $"message {sequence} is delivered for the first time after message {_delivered}");
        message.WasDelivered = true;
        _delivered = sequence;
    }

    private void End(StoredMessage message, long sequence)
    {
        if (message.Token != 0)
            _heldBy[message.Holder].Remove(sequence);
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
            throw new Violation(promise, $"queue {queue}: {otherwise.Text}");
    }

    private sealed class StoredMessage(ulong content)
    {
        public ulong Content { get; } = content;

        public long Token { get; set; }

        public ConsumerId Holder { get; set; }

        public LogTime Until { get; set; }

        public bool WasDelivered { get; set; }

        public bool IsAcknowledged { get; set; }
    }
}
