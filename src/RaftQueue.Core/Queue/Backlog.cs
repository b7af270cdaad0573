namespace RaftQueue.Core.Queue;

/// <summary>What is known of a message that comes into a queue.</summary>
internal readonly record struct Arrival(
    long EnqueuedAt, BodyRef Body, long? DueAt, long? ExpiresAt, string? GroupKey, DeadLetterNote? Note);

/// <summary>
/// The messages of one queue and their order. Ready messages are those behind a cursor, in the order of their sequences, and those in a small
/// ordered set: returned ones, delayed ones that have fallen due, and heads of groups. So a deep backlog costs nothing but its references, and a
/// returned message still finds its old place.
/// </summary>
internal sealed partial class Backlog
{
    private readonly Pages _pages;
    private readonly long _timeToLive;
    private readonly SortedSet<ReadyEntry> _queued = [];
    private readonly long[] _counts = new long[(int)MessageState.Leased + 1];
    private readonly Groups _groups;
    private readonly DueHeap _delays, _expiries;
    private long _untouchedFrom = 1, _firstFrom = 1, _freeFrom = 1, _expiredThrough = 1;
    private long _turn;

    /// <param name="layout">How pages are cut.</param>
    /// <param name="timeToLive">The queue's own time to live, in milliseconds; 0 for none.</param>
    public Backlog(Layout layout, long timeToLive)
    {
        _pages = new Pages(layout);
        _timeToLive = timeToLive;
        _groups = new Groups(sequence => IsIn(MessageState.Waiting, sequence));
        _delays = new DueHeap(sequence => IsIn(MessageState.Delayed, sequence));
        _expiries = new DueHeap(sequence => _pages.TryFind(sequence, out var message) && message.Ref.State != MessageState.Leased);
    }

    public long NextSequence => _pages.NextSequence;

    public long Bytes { get; private set; }

    public long LeasedBytes { get; private set; }

    public long Leased => _counts[(int)MessageState.Leased];

    public long Delayed => _counts[(int)MessageState.Delayed];

    /// <summary>Neither leased nor delayed; those that wait behind a message of their group included.</summary>
    public long Ready => _counts[(int)MessageState.Untouched] + _counts[(int)MessageState.Queued] + _counts[(int)MessageState.Waiting];

    public long Count => Ready + Leased + Delayed;

    /// <summary>Whether a message may be ready for a consumer. Those that wait behind one of their group are known not to be, once a consumer has asked for them.</summary>
    public bool MayHaveReady => _queued.Count > 0 || _counts[(int)MessageState.Untouched] > 0;

    /// <summary>The sequence of the oldest message; the next one where there is none.</summary>
    public long FirstSequence => _firstFrom = _pages.TryFindFrom(_firstFrom, out var first) ? first.Sequence : NextSequence;

    public IReadOnlyList<Page> Pages => _pages.All;

    public bool TryFind(long sequence, out Message message) => _pages.TryFind(sequence, out message);

    /// <summary>The first message at or behind a sequence.</summary>
    public bool TryFindFrom(long sequence, out Message message) => _pages.TryFindFrom(Math.Max(sequence, _firstFrom), out message);

    /// <summary>Adds a message at the end, or, where it has a due time, outside the order.</summary>
    public Message Append(in Arrival arrival)
    {
        var state = arrival.DueAt is null ? MessageState.Untouched : MessageState.Delayed;
        var message = _pages.Append(new MessageRef
        {
            EnqueuedAt = arrival.EnqueuedAt,
            Segment = arrival.Body.Segment,
            Offset = arrival.Body.Offset,
            Length = arrival.Body.Length,
            State = state,
        });
        if (arrival.DueAt is { } due)
            message.Page.DueTimes.Set(message.Slot, due);
        if (arrival.ExpiresAt is { } expiry)
            message.Page.Expiries.Set(message.Slot, expiry);
        if (arrival.Note is { } note)
            message.Page.Notes.Set(message.Slot, note);
        if (arrival.GroupKey is { } key)
            message.Page.Groups.Set(message.Slot, _groups.Get(key));
        Register(message);
        return message;
    }

    /// <summary>Takes the first ready message whose group is free, for a lease; none where no work is left.</summary>
    public bool TryTake(ref int workLeft, out Message message)
    {
        message = default;
        while (workLeft > 0 && TryGetFirstReady(out message))
        {
            workLeft--;
            if (message.Group is { } group)
            {
                if (group.Owner != 0 && group.Owner != message.Sequence)
                {
                    SetState(message, MessageState.Waiting);
                    group.Wait(message.Sequence);
                    continue;
                }

                group.Owner = message.Sequence;
            }

            LeasedBytes += message.Ref.Length;
            SetState(message, MessageState.Leased);
            if (message.Page.Expiries[message.Slot] is not null)
                _expiries.Forget();
            return true;
        }

        return false;
    }

    /// <summary>A lease has ended without an acknowledgement: the message goes back to its place.</summary>
    public void Return(Message message)
    {
        message.Ref.WasLeased = true;
        LeasedBytes -= message.Ref.Length;
        Enter(message);
        _expiredThrough = Math.Min(_expiredThrough, message.Sequence);
        if (message.Page.Expiries[message.Slot] is { } expiry)
            _expiries.Add(expiry, message.Sequence);
    }

    /// <summary>A delivery was started and failed.</summary>
    public static void CountDelivery(Message message)
    {
        message.Ref.DeliveryCount++;
        message.Page.Touch();
    }

    /// <summary>Takes a message out for good; whoever calls has or gives up its body.</summary>
    public void Remove(Message message)
    {
        ref var stored = ref message.Ref;
        var sequence = message.Sequence;
        var group = message.Group;
        var (state, hasExpiry) = (stored.State, message.Page.Expiries[message.Slot] is not null);
        _counts[(int)state]--;
        Bytes -= stored.Length;
        if (state == MessageState.Leased)
            LeasedBytes -= stored.Length;
        if (state == MessageState.Queued)
            _queued.Remove(new ReadyEntry(message.Place, sequence));

        _pages.Remove(message);
        if (state == MessageState.Delayed)
            _delays.Forget();
        if (hasExpiry && state != MessageState.Leased)
            _expiries.Forget();
        if (group is not null)
            Leave(group, sequence, state);
    }

    /// <summary>The messages that are handed out next, about in order; none is touched.</summary>
    public IEnumerable<Message> Upcoming()
    {
        foreach (var entry in _queued)
        {
            if (_pages.TryFind(entry.Sequence, out var queued))
                yield return queued;
        }

        for (var next = _untouchedFrom; _pages.TryFindFrom(next, out var message); next = message.Sequence + 1)
        {
            if (message.Ref.State == MessageState.Untouched)
                yield return message;
        }
    }

    /// <summary>The oldest message that nobody holds.</summary>
    public bool TryGetOldestFree(out Message message)
    {
        while (_pages.TryFindFrom(_freeFrom, out message))
        {
            _freeFrom = message.Sequence;
            if (message.Ref.State != MessageState.Leased)
                return true;
            _freeFrom++;
        }

        return false;
    }

    private bool TryGetFirstReady(out Message message)
    {
        var hasUntouched = TryGetFirstUntouched(out message);
        if (_queued.Count == 0)
        {
            if (hasUntouched)
                _untouchedFrom = message.Sequence + 1;
            return hasUntouched;
        }

        var queued = _queued.Min;
        if (hasUntouched && message.Place.CompareTo(queued.Place) < 0)
        {
            _untouchedFrom = message.Sequence + 1;
            return true;
        }

        _queued.Remove(queued);
        return _pages.TryFind(queued.Sequence, out message);
    }

    // The cursor only moves on, over what is delayed or gone; each message is passed once.
    private bool TryGetFirstUntouched(out Message message)
    {
        message = default;
        if (_counts[(int)MessageState.Untouched] == 0)
            return false;
        while (_pages.TryFindFrom(_untouchedFrom, out message))
        {
            _untouchedFrom = message.Sequence;
            if (message.Ref.State == MessageState.Untouched)
                return true;
            _untouchedFrom++;
        }

        return false;
    }

    private void Enter(Message message)
    {
        SetState(message, MessageState.Queued);
        _queued.Add(new ReadyEntry(message.Place, message.Sequence));
        _freeFrom = Math.Min(_freeFrom, message.Sequence);
    }

    private void Leave(MessageGroup group, long sequence, MessageState state)
    {
        if (state == MessageState.Waiting)
            _groups.ForgetWaiting(group);
        if (group.Owner == sequence && _groups.Promote(group) is var next and > 0 && _pages.TryFind(next, out var head))
            Enter(head);
        _groups.Left(group);
    }

    private void SetState(Message message, MessageState state)
    {
        _counts[(int)message.Ref.State]--;
        _counts[(int)state]++;
        message.Ref.State = state;
        message.Page.Touch();
    }

    // Counts a message that is stored already, new or out of a snapshot.
    private void Register(Message message)
    {
        ref var stored = ref message.Ref;
        _counts[(int)stored.State]++;
        Bytes += stored.Length;
        if (stored.State == MessageState.Delayed)
            _delays.Add(message.Page.DueTimes[message.Slot], message.Sequence);
        if (stored.State != MessageState.Leased && message.Page.Expiries[message.Slot] is { } expiry)
            _expiries.Add(expiry, message.Sequence);
        if (message.Group is { } group)
            group.Live++;
    }

    private bool IsIn(MessageState state, long sequence) => _pages.TryFind(sequence, out var message) && message.Ref.State == state;
}
