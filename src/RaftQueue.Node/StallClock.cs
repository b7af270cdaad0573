namespace RaftQueue.Node;

/// <summary>
/// Since when something that should move stands still. A health check that only asks whether a process lives stays green while nothing moves; this asks for movement.
/// </summary>
internal struct StallClock
{
    private TimeSpan? _since;
    private long _position;

    /// <summary>Says what is seen now.</summary>
    /// <param name="isPending">Whether anything is left to be done.</param>
    /// <param name="position">How far it has come; any change is movement.</param>
    /// <param name="now">The monotonic clock.</param>
    public void Observe(bool isPending, long position, TimeSpan now)
    {
        if (!isPending)
            _since = null;
        else if (_since is null || position != _position)
            (_since, _position) = (now, position);
    }

    /// <summary>Whether it has stood still for longer than a limit, and for how long.</summary>
    public readonly bool IsStalled(TimeSpan now, TimeSpan limit, out TimeSpan stalled)
    {
        stalled = now - (_since ?? now);
        return stalled > limit;
    }
}
