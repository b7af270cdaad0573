using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>A message in somebody's hands.</summary>
internal sealed class LeaseEntry
{
    public Message Message { get; set; }

    public long Token { get; set; }

    public long Until { get; set; }

    /// <summary>The bytes of the message, with what is known of a dead letter: what a delivery of it takes.</summary>
    public int Bytes { get; set; }

    public Consumer Consumer { get; set; } = null!;

    /// <summary>Its neighbours among the leases of its consumer, in the order of tokens.</summary>
    public LeaseEntry? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public LeaseEntry? Next { get; set; }

    /// <summary>Its place in the heap of lease ends.</summary>
    public int HeapIndex { get; set; }

    public Lease ToLease()
    {
        ref var message = ref Message.Ref;
        return new Lease(
            Message.Sequence, Token, message.DeliveryCount + 1, new LogTime(message.EnqueuedAt), new LogTime(Until), message.Body)
        {
            DeadLetter = Message.Note?.At(Message.Sequence),
        };
    }
}

/// <summary>
/// The leases of one queue: by message, and in a heap by their end. A lease can end at any place of the heap (most end by an acknowledgement, long before
/// their time), so each knows where it lies. Entries are used again: a delivery allocates nothing here.
/// </summary>
internal sealed class Leases
{
    private const int MaxSpare = 4_096;

    private readonly Dictionary<long, LeaseEntry> _bySequence = [];
    private readonly List<LeaseEntry> _heap = [];
    private readonly Stack<LeaseEntry> _spare = new();

    public long? NextEnd => _heap.Count == 0 ? null : _heap[0].Until;

    public bool TryFind(long sequence, out LeaseEntry lease) => _bySequence.TryGetValue(sequence, out lease!);

    /// <param name="message">What is leased.</param>
    /// <param name="consumer">To whom.</param>
    /// <param name="token">Larger than those of all leases before.</param>
    /// <param name="until">The end of the lease.</param>
    public LeaseEntry Add(Message message, Consumer consumer, long token, long until)
    {
        var lease = _spare.TryPop(out var spare) ? spare : new LeaseEntry();
        (lease.Message, lease.Consumer, lease.Token, lease.Until) = (message, consumer, token, until);
        lease.Bytes = message.Ref.Length + (message.Note?.Size ?? 0);
        _bySequence.Add(message.Sequence, lease);
        lease.HeapIndex = _heap.Count;
        _heap.Add(lease);
        Rise(lease);
        consumer.Hold(lease);
        return lease;
    }

    /// <summary>Takes a lease away; the entry must not be used after this.</summary>
    public void End(LeaseEntry lease)
    {
        _bySequence.Remove(lease.Message.Sequence);
        lease.Consumer.LetGo(lease);
        var last = _heap[^1];
        _heap.RemoveAt(_heap.Count - 1);
        if (last != lease)
        {
            Put(last, lease.HeapIndex);
            Rise(last);
            Sink(last);
        }

        if (_spare.Count < MaxSpare)
            _spare.Push(lease);
    }

    public void Extend(LeaseEntry lease, long until)
    {
        lease.Until = until;
        Rise(lease);
        Sink(lease);
    }

    /// <summary>The lease that ends first, if it has ended by <paramref name="now"/>; ties in the order of tokens.</summary>
    public bool TryGetEnded(long now, out LeaseEntry lease)
    {
        lease = _heap.Count == 0 ? null! : _heap[0];
        return lease is not null && lease.Until <= now;
    }

    private static bool IsBefore(LeaseEntry left, LeaseEntry right) =>
        left.Until != right.Until ? left.Until < right.Until : left.Token < right.Token;

    private void Put(LeaseEntry lease, int index)
    {
        _heap[index] = lease;
        lease.HeapIndex = index;
    }

    private void Rise(LeaseEntry lease)
    {
        var index = lease.HeapIndex;
        while (index > 0 && IsBefore(lease, _heap[(index - 1) / 2]))
        {
            Put(_heap[(index - 1) / 2], index);
            index = (index - 1) / 2;
        }

        Put(lease, index);
    }

    private void Sink(LeaseEntry lease)
    {
        var index = lease.HeapIndex;
        while ((2 * index) + 1 < _heap.Count)
        {
            var child = (2 * index) + 1;
            if (child + 1 < _heap.Count && IsBefore(_heap[child + 1], _heap[child]))
                child++;
            if (!IsBefore(_heap[child], lease))
                break;
            Put(_heap[child], index);
            index = child;
        }

        Put(lease, index);
    }
}
