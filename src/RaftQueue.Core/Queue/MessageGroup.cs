namespace RaftQueue.Core.Queue;

/// <summary>
/// The messages of one group: at most one is leased, or at the head of the group in the ready order (its owner); the others wait here, out of the
/// way of every search, until the owner is finished.
/// </summary>
/// <param name="key">The group key, each of its bytes as one character: two keys are the same only where their bytes are.</param>
internal sealed class MessageGroup(string key)
{
    private const int Slack = 16;

    private Queue<long> _waiting = new();

    public string Key { get; } = key;

    /// <summary>The sequence of the message whose turn it is; 0 for none.</summary>
    public long Owner { get; set; }

    /// <summary>Messages of the group in the queue.</summary>
    public long Live { get; set; }

    /// <summary>Those that wait and are still there.</summary>
    public int Waiting { get; private set; }

    /// <summary>Lets a message wait. Messages come here in the order of their places, because the ready order is walked in that order.</summary>
    public void Wait(long sequence)
    {
        _waiting.Enqueue(sequence);
        Waiting++;
    }

    /// <summary>A waiting message went away by another door; <paramref name="isWaiting"/> says of each whether it is still here.</summary>
    public void Forget(Func<long, bool> isWaiting)
    {
        Waiting--;
        if (_waiting.Count > (2 * Waiting) + Slack)
            _waiting = new Queue<long>(_waiting.Where(isWaiting));
    }

    /// <summary>The next that waits, or 0.</summary>
    public long Next(Func<long, bool> isWaiting)
    {
        while (_waiting.TryDequeue(out var sequence))
        {
            if (!isWaiting(sequence))
                continue;
            Waiting--;
            return sequence;
        }

        return 0;
    }

    /// <summary>Brings what waits in order after a restore.</summary>
    public void SortBy(Func<long, Place> placeOf) => _waiting = new Queue<long>(_waiting.OrderBy(placeOf));
}
