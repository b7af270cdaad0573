using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>The consumers of one queue: in the order in which they came, and, those with credit, in the order of their turns.</summary>
internal sealed class Consumers
{
    private readonly bool _isSingleActive;
    private readonly Dictionary<ConsumerId, Consumer> _byId = [];
    private readonly Dictionary<long, Consumer> _waitingPulls = [];
    private readonly DueHeap _waits;
    private readonly LinkedList<Consumer> _inOrder = new();
    private readonly LinkedList<Consumer> _turns = new();

    /// <param name="isSingleActive">Only the one that came first is served.</param>
    public Consumers(bool isSingleActive)
    {
        _isSingleActive = isSingleActive;
        _waits = new DueHeap(_waitingPulls.ContainsKey);
    }

    public IEnumerable<Consumer> InOrder => _inOrder;

    public IEnumerable<Consumer> Turns => _turns;

    public int Count => _inOrder.Count;

    /// <summary>Open subscriptions.</summary>
    public int Subscriptions { get; private set; }

    public long LastOrder { get; set; }

    public bool TryFind(ConsumerId id, out Consumer consumer) => _byId.TryGetValue(id, out consumer!);

    public void Add(Consumer consumer)
    {
        _byId.Add(consumer.Id, consumer);
        _inOrder.AddLast(consumer.Seat);
        if (!consumer.IsPull)
            Subscriptions++;
        else if (consumer.IsOpen)
            StartWait(consumer);
    }

    public void Remove(Consumer consumer)
    {
        Close(consumer);
        _byId.Remove(consumer.Id);
        _inOrder.Remove(consumer.Seat);
        if (!consumer.IsPull)
            Subscriptions--;
    }

    /// <summary>The consumer's credit may have changed: whoever has some anew waits behind the others; whoever has none does not wait.</summary>
    public void Refresh(Consumer consumer)
    {
        var isInTurn = consumer.Turn.List is not null;
        if (consumer.HasCredit && !isInTurn)
            _turns.AddLast(consumer.Turn);
        else if (!consumer.HasCredit && isInTurn)
            _turns.Remove(consumer.Turn);
    }

    /// <summary>Whose turn it is: fair, one message each; or the first that came, where only one is active.</summary>
    public Consumer? Next() => _isSingleActive ? _inOrder.First?.Value is { HasCredit: true } active ? active : null : _turns.First?.Value;

    /// <summary>The consumer got a message.</summary>
    public void WasServed(Consumer consumer)
    {
        _turns.Remove(consumer.Turn);
        Refresh(consumer);
    }

    /// <summary>The consumer takes no more messages: a pull that was answered, or one that goes.</summary>
    public void Close(Consumer consumer)
    {
        consumer.IsOpen = false;
        Refresh(consumer);
        if (_waitingPulls.Remove(consumer.Order))
            _waits.Forget();
    }

    /// <summary>The pull whose wait is over first, ties in the order in which they came.</summary>
    public bool TryPeekWait(out long until, out Consumer pull)
    {
        pull = null!;
        return _waits.TryPeek(out until, out var order) && _waitingPulls.TryGetValue(order, out pull!);
    }

    private void StartWait(Consumer pull)
    {
        _waitingPulls.Add(pull.Order, pull);
        _waits.Add(pull.WaitUntil, pull.Order);
    }
}
