using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>The answer to a pull, as far as the bodies are there that belong to it.</summary>
internal sealed class PullAnswer(Origin origin, QueueEffect.Answer answer)
{
    private readonly List<Delivery> _deliveries = new(answer.Leases.Count);
    private int _next;

    public Origin Origin { get; } = origin;

    public QueueName Queue => answer.Queue;

    public ConsumerId Consumer => answer.Consumer;

    /// <summary>Whether time has passed since the leases were given, in which some of them may have ended.</summary>
    public bool HasWaited { get; private set; }

    public bool TryPeek(out Lease lease)
    {
        lease = _next < answer.Leases.Count ? answer.Leases[_next] : default;
        return _next < answer.Leases.Count;
    }

    public void Skip() => _next++;

    // What waits must not hold whole segments in memory.
    public void Take(Lease lease, ReadOnlyMemory<byte> body)
    {
        _deliveries.Add(lease.Deliver(HasWaited ? body.ToArray() : body));
        _next++;
    }

    public void Wait()
    {
        if (HasWaited)
            return;
        HasWaited = true;
        for (var i = 0; i < _deliveries.Count; i++)
            _deliveries[i] = _deliveries[i] with { Message = _deliveries[i].Message.ToArray() };
    }

    public Received Complete() =>
        new(Queue, Consumer, DeliveryBlock.Of(_deliveries)) { DeadLetters = DeliveryBlock.DeadLettersOf(_deliveries) };
}
