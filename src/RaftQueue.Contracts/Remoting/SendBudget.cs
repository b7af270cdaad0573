namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// The bytes that wait in the send buffers of all connections together, and their bound. Each connection may hold as many as are free: one
/// that does not read gets half of all, two get a third each. An empty buffer takes one message always.
/// </summary>
/// <param name="limit">The bound, in bytes.</param>
internal sealed class SendBudget(long limit)
{
    private long _held;

    /// <summary>How many bytes wait now.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Counts bytes that are about to wait, unless there is no room for them.</summary>
    /// <param name="heldByConnection">How many of that connection wait already.</param>
    /// <param name="bytes">How many come on top.</param>
    public bool TryHold(long heldByConnection, int bytes)
    {
        if (heldByConnection > 0 && heldByConnection + bytes > limit - Held)
            return false;
        Hold(bytes);
        return true;
    }

    /// <summary>Counts bytes of a connection that is not bounded here.</summary>
    public void Hold(int bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Bytes have left, or are given up.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _held, -bytes);
}
