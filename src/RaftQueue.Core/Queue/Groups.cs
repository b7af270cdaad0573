namespace RaftQueue.Core.Queue;

/// <summary>The message groups of one queue that have messages in it.</summary>
/// <param name="isWaiting">Whether a message still waits for its turn.</param>
internal sealed class Groups(Func<long, bool> isWaiting)
{
    private readonly Dictionary<string, MessageGroup> _byKey = new(StringComparer.Ordinal);

    public MessageGroup Get(string key)
    {
        if (!_byKey.TryGetValue(key, out var group))
            _byKey.Add(key, group = new MessageGroup(key));
        return group;
    }

    public void ForgetWaiting(MessageGroup group) => group.Forget(isWaiting);

    /// <summary>The owner is finished: the next that waits becomes owner. Its sequence, or 0 for none.</summary>
    public long Promote(MessageGroup group) => group.Owner = group.Next(isWaiting);

    /// <summary>A message of the group has left the queue; a group without messages is forgotten.</summary>
    public void Left(MessageGroup group)
    {
        group.Live--;
        if (group.Live == 0)
            _byKey.Remove(group.Key);
    }

    /// <summary>Brings all that waits in the order of places; the order in which groups are visited changes nothing.</summary>
    public void SortBy(Func<long, Place> placeOf)
    {
        foreach (var group in _byKey.Values)
            group.SortBy(placeOf);
    }
}
