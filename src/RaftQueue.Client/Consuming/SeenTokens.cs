namespace RaftQueue.Client.Consuming;

/// <summary>
/// Which leases have been delivered already. After a change of leader what the consumer holds is sent again, and a push of the old leader
/// may still arrive: the same token is the same delivery. Remembers at least as many as a consumer can hold, and forgets the oldest beyond.
/// </summary>
internal sealed class SeenTokens(int capacity)
{
    private readonly HashSet<long> _tokens = [];
    private readonly Queue<long> _order = [];

    /// <returns>False where it was there before.</returns>
    public bool Add(long token)
    {
        if (!_tokens.Add(token))
            return false;
        _order.Enqueue(token);
        if (_order.Count > capacity)
            _tokens.Remove(_order.Dequeue());
        return true;
    }
}
