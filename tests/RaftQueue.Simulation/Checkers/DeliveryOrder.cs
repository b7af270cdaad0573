using RaftQueue.Contracts;

namespace RaftQueue.Simulation.Checkers;

/// <summary>
/// In which order a queue may deliver for the first time: that of the sequences, over all messages without a group, and in each group by itself. Messages that were held
/// back come when they are due. In a group nothing is delivered before the one that was delivered last is finished with.
/// </summary>
internal sealed class DeliveryOrder(QueueName queue)
{
    private readonly Dictionary<string, StoredMessage> _owners = [];
    private readonly Dictionary<string, long> _lastOfGroup = [];
    private long _last;

    /// <summary>A message is leased.</summary>
    public void Deliver(StoredMessage message)
    {
        if (message.Group is { } group)
            TakeTurn(group, message);
        if (message.WasDelivered)
            return;
        message.WasDelivered = true;
        if (message.Due is not null)
            return;
        var last = message.Group is { } key ? _lastOfGroup.GetValueOrDefault(key) : _last;
        if (message.Sequence <= last)
            throw new Violation("First Deliveries In Order", $"queue {queue}: message {message.Sequence} is delivered for the first time after message {last}");
        if (message.Group is { } own)
            _lastOfGroup[own] = message.Sequence;
        else
            _last = message.Sequence;
    }

    private void TakeTurn(string group, StoredMessage message)
    {
        if (_owners.TryGetValue(group, out var owner) && owner != message && !owner.IsGone)
            throw new Violation(
                "One Of A Group At A Time", $"queue {queue}: message {message.Sequence} of group {group} is delivered, but message {owner.Sequence} is not finished with");
        _owners[group] = message;
    }
}
