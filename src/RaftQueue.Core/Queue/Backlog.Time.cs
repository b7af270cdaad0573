namespace RaftQueue.Core.Queue;

/// <summary>What happens to messages by log time alone.</summary>
internal sealed partial class Backlog
{
    /// <summary>When the next message that nobody holds falls due or expires; null for never.</summary>
    public long? NextDue
    {
        get
        {
            long? due = _delays.TryPeek(out var delay, out _) ? delay : null;
            return TryPeekExpiry(out var expiry, out _) && !(due <= expiry) ? expiry : due;
        }
    }

    /// <summary>When the next delayed message falls due; null for never.</summary>
    public long? NextRelease => _delays.TryPeek(out var delay, out _) ? delay : null;

    /// <summary>When a message expires; null for never.</summary>
    public long? ExpiryOf(Message message) =>
        message.Page.Expiries[message.Slot] ?? (_timeToLive > 0 ? message.Ref.EnqueuedAt + _timeToLive : null);

    /// <summary>
    /// The next message that has expired by <paramref name="now"/> and that nobody holds, in the order of expiry. A message that expires in
    /// somebody's hands is not lost to them; it expires when it comes back.
    /// </summary>
    public bool TryGetExpired(long now, out Message message)
    {
        if (TryPeekExpiry(out var at, out message) && at <= now)
        {
            if (message.Page.Expiries[message.Slot] is null)
                _expiredThrough = message.Sequence + 1;
            else
                _expiries.Pop();
            return true;
        }

        return false;
    }

    /// <summary>
    /// Lets delayed messages that are due by <paramref name="now"/> into the order, behind everything that is in it, as long as work is
    /// left.
    /// </summary>
    public void Release(long now, ref int workLeft)
    {
        while (workLeft > 0 && _delays.TryPeek(out var at, out var sequence) && at <= now)
        {
            workLeft--;
            _delays.Pop();
            _pages.TryFind(sequence, out var message);
            message.Page.Places.Set(message.Slot, new Place(NextSequence - 1, ++_turn));
            message.Page.DueTimes.Clear(message.Slot);
            Enter(message);
            _delays.Forget();
        }
    }

    // Times to live of their own lie in a heap; under the queue's own the order of sequences is the order of expiry, because log time never runs
    // backwards, and a cursor is enough. Leased messages are in neither: they come back into it when they are returned.
    private bool TryPeekExpiry(out long at, out Message message)
    {
        var hasOwn = _expiries.TryPeek(out at, out var sequence);
        var isShared = TryPeekSharedExpiry(out var shared, out message);
        if (!hasOwn || (isShared && (shared, message.Sequence).CompareTo((at, sequence)) < 0))
        {
            at = shared;
            return isShared;
        }

        return _pages.TryFind(sequence, out message);
    }

    private bool TryPeekSharedExpiry(out long at, out Message message)
    {
        (at, message) = (0, default);
        if (_timeToLive == 0)
            return false;
        while (_pages.TryFindFrom(_expiredThrough, out message))
        {
            _expiredThrough = message.Sequence;
            at = message.Ref.EnqueuedAt + _timeToLive;
            if (message.Page.Expiries[message.Slot] is null && message.Ref.State != MessageState.Leased)
                return true;
            _expiredThrough++;
        }

        return false;
    }
}
