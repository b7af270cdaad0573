namespace RaftQueue.Node.Raft;

/// <summary>
/// What clients may have in front of a replica that it has not looked at yet. The mailbox of a replica also carries Raft's own messages,
/// and these must not wait behind more than a few milliseconds of client work.
/// </summary>
/// <param name="maxCount">How many requests.</param>
/// <param name="maxBytes">How many bytes of commands.</param>
internal sealed class ClientLane(int maxCount = ClientLane.DefaultCount, long maxBytes = ClientLane.DefaultBytes)
{
    /// <summary>About as much as a replica takes up in ten milliseconds.</summary>
    public const int DefaultCount = 4_096;

    /// <summary>Less than a replica lets wait for its disk.</summary>
    public const long DefaultBytes = 16 * 1024 * 1024;

    private int _count;
    private long _bytes;

    /// <summary>Counts a request, unless there is no room for it.</summary>
    public bool TryEnter(int bytes)
    {
        if (Volatile.Read(ref _count) >= maxCount || Interlocked.Read(ref _bytes) + bytes > maxBytes)
            return false;
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _bytes, bytes);
        return true;
    }

    /// <summary>The replica has taken the request.</summary>
    public void Leave(int bytes)
    {
        Interlocked.Decrement(ref _count);
        Interlocked.Add(ref _bytes, -bytes);
    }
}
