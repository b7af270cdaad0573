using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>A subscription, or one pull: whoever may hold leases.</summary>
internal sealed class Consumer
{
    public Consumer(ConsumerId id, long order, bool isPull)
    {
        (Id, Order, IsPull) = (id, order, isPull);
        Seat = new LinkedListNode<Consumer>(this);
        Turn = new LinkedListNode<Consumer>(this);
    }

    public ConsumerId Id { get; }

    /// <summary>Rises with every consumer of the queue: who came first.</summary>
    public long Order { get; }

    public bool IsPull { get; }

    /// <summary>A subscription until it ends; a pull until it is answered. After that a pull only holds what it got.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>The most it may hold.</summary>
    public int Prefetch { get; set; }

    /// <summary>How long it leases, in milliseconds.</summary>
    public long LeaseTime { get; set; }

    /// <summary>A pull: until when it waits.</summary>
    public long WaitUntil { get; set; }

    /// <summary>The latest lease that it said it started.</summary>
    public long StartedThrough { get; set; }

    public int Held { get; private set; }

    /// <summary>The bytes of what it holds.</summary>
    public long HeldBytes { get; private set; }

    public LeaseEntry? FirstHeld { get; private set; }

    /// <summary>What it got from the entry that is being applied.</summary>
    public List<Lease>? Served { get; set; }

    /// <summary>Its place among the consumers by order.</summary>
    public LinkedListNode<Consumer> Seat { get; }

    /// <summary>Its place among those who wait for messages.</summary>
    public LinkedListNode<Consumer> Turn { get; }

    /// <summary>Whether it takes one more message. Bytes count only until the bound is reached, so that a message of any size finds its way.</summary>
    public bool HasCredit => IsOpen && Held < Prefetch && HeldBytes < (IsPull ? Bounds.MaxReceiveBytes : Bounds.MaxHeldBytes);

    private LeaseEntry? LastHeld { get; set; }

    public bool HasStarted(LeaseEntry lease) => lease.Token <= StartedThrough;

    public void Hold(LeaseEntry lease)
    {
        (lease.Previous, lease.Next) = (LastHeld, null);
        if (LastHeld is null)
            FirstHeld = lease;
        else
            LastHeld.Next = lease;
        LastHeld = lease;
        Held++;
        HeldBytes += lease.Bytes;
    }

    public void LetGo(LeaseEntry lease)
    {
        if (lease.Previous is null)
            FirstHeld = lease.Next;
        else
            lease.Previous.Next = lease.Next;
        if (lease.Next is null)
            LastHeld = lease.Previous;
        else
            lease.Next.Previous = lease.Previous;
        Held--;
        HeldBytes -= lease.Bytes;
    }

    /// <summary>What it holds, in the order of the tokens.</summary>
    public IReadOnlyList<Lease> Leases()
    {
        var leases = new List<Lease>(Held);
        for (var lease = FirstHeld; lease is not null; lease = lease.Next)
            leases.Add(lease.ToLease());
        return leases;
    }
}
