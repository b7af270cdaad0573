namespace RaftQueue.Core.Raft;

/// <summary>
/// A promise that Raft rests on is broken: a programming error, a damaged journal, or a peer that does not keep to the protocol. The replica must stop before it
/// speaks; the message says which promise and with what values.
/// </summary>
public sealed class InvariantViolation : Exception
{
    /// <summary>Names the broken promise and the values that break it.</summary>
    public InvariantViolation(string message)
        : base(message)
    {
    }

    /// <summary>Names the broken promise and what led to it.</summary>
    public InvariantViolation(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
