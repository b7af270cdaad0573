namespace RaftQueue.Node.Raft;

/// <summary>
/// Decides when it is logged that a group waits for a leader: not for the length of an election, then at once and when the reason changes,
/// and once a minute while
/// it stays the same.
/// </summary>
internal struct LeaderWaitLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private TimeSpan? _since;
    private TimeSpan _loggedAt;
    private string? _logged;

    /// <summary>Says what is seen now.</summary>
    /// <param name="reason">What the group waits for; null where it has a leader.</param>
    /// <param name="now">The monotonic clock.</param>
    /// <returns>Whether the reason is to be logged now.</returns>
    public bool IsDue(string? reason, TimeSpan now)
    {
        if (reason is null)
        {
            this = default;
            return false;
        }

        _since ??= now;
        var quiet = _logged is null ? now - _since.Value : now - _loggedAt;
        if (quiet < (reason == _logged ? Interval : Patience))
            return false;
        (_logged, _loggedAt) = (reason, now);
        return true;
    }
}
