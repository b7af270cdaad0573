namespace RaftQueue.Core.Queue;

/// <summary>Where a message stands in its queue.</summary>
internal enum MessageState : byte
{
    /// <summary>The slot is empty: acknowledged, moved or dropped.</summary>
    Gone = 0,

    /// <summary>Ready and never looked at: it lies at or behind the cursor of the ready order.</summary>
    Untouched = 1,

    /// <summary>Not due yet, and so not in the order.</summary>
    Delayed = 2,

    /// <summary>Ready, in the ordered set beside the cursor: returned, just due, or the head of its group.</summary>
    Queued = 3,

    /// <summary>Ready, but an earlier message of its group is not finished.</summary>
    Waiting = 4,

    /// <summary>In the hands of a consumer.</summary>
    Leased = 5,
}

/// <summary>
/// What every message costs in memory: 32 bytes in a page, no object of its own. What only some messages have lies in optional columns of the
/// page.
/// </summary>
internal struct MessageRef
{
    public long EnqueuedAt;
    public long Segment;
    public int Offset;
    public int Length;

    /// <summary>How many deliveries were started and did not end in an acknowledgement.</summary>
    public int DeliveryCount;

    public MessageState State;

    /// <summary>Whether it was ever handed out: the next lease is a redelivery.</summary>
    public bool WasLeased;

    public readonly BodyRef Body => new(Segment, Offset, Length);
}

/// <summary>
/// A place in the order of a queue. A message that is enqueued without delay has its sequence for a place. A delayed one is placed when it is due:
/// behind everything that was enqueued by then, in the order of falling due.
/// </summary>
/// <param name="Anchor">The sequence that it stands at or right behind.</param>
/// <param name="Turn">0 for the message of that sequence itself; else rising with every message that falls due.</param>
internal readonly record struct Place(long Anchor, long Turn) : IComparable<Place>
{
    public int CompareTo(Place other) => Anchor != other.Anchor ? Anchor.CompareTo(other.Anchor) : Turn.CompareTo(other.Turn);
}

/// <summary>A message in the ordered set of ready ones.</summary>
internal readonly record struct ReadyEntry(Place Place, long Sequence) : IComparable<ReadyEntry>
{
    public int CompareTo(ReadyEntry other) => Place.CompareTo(other.Place);
}

/// <summary>A live message: a slot of a page. Valid until the message is removed.</summary>
internal readonly record struct Message(Page Page, int Slot)
{
    public long Sequence => Page.FirstSequence + Slot;

    public ref MessageRef Ref => ref Page[Slot];

    public MessageGroup? Group => Page.Groups[Slot];

    /// <summary>Of a dead letter: where it came from.</summary>
    public DeadLetterNote? Note => Page.Notes[Slot];

    public Place Place => Page.Places[Slot] ?? new Place(Sequence, 0);
}
