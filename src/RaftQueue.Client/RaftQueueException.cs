using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client;

/// <summary>Something was refused or could not be done. The message says what was wrong, where, and what to do.</summary>
public class RaftQueueException : Exception
{
    /// <summary>An error with the stable code that programs may act on.</summary>
    /// <param name="code">Why.</param>
    /// <param name="message">What was wrong, for people.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public RaftQueueException(RefusalCode code, string message, Exception? innerException = null)
        : base(message, innerException) => Code = code;

    /// <summary>Why, by a stable name. <see cref="RefusalCode.Unknown"/> where the broker was not the one to refuse.</summary>
    public RefusalCode Code { get; }
}

/// <summary>There is no queue of that name.</summary>
/// <param name="message">Which queue.</param>
public sealed class QueueNotFoundException(string message) : RaftQueueException(RefusalCode.UnknownQueue, message);

/// <summary>The queue is at its bound and was declared to reject new messages. The message was not stored.</summary>
/// <param name="message">Which queue, and its bound.</param>
public sealed class QueueFullException(string message) : RaftQueueException(RefusalCode.QueueFull, message);

/// <summary>
/// The lease under which a message was held has ended; it may be with another consumer by now, and the settlement did not count.
/// </summary>
/// <param name="message">Which message and token.</param>
/// <param name="mayHaveBeenSettled">See <see cref="MayHaveBeenSettled"/>.</param>
public sealed class StaleLeaseException(string message, bool mayHaveBeenSettled) : RaftQueueException(RefusalCode.StaleLease, message)
{
    /// <summary>
    /// The settlement was sent more than once, because an earlier attempt went unanswered: that attempt may have settled the message, and
    /// the lease is stale for that reason.
    /// </summary>
    public bool MayHaveBeenSettled { get; } = mayHaveBeenSettled;
}

/// <summary>No answer within the time given, in spite of retries.</summary>
/// <param name="code">
/// The last refusal on the way, such as <see cref="RefusalCode.NoQuorum"/>; otherwise <see cref="RefusalCode.Unknown"/>.
/// </param>
/// <param name="message">What was tried.</param>
/// <param name="mayHaveHappened">See <see cref="MayHaveHappened"/>.</param>
public sealed class RequestTimeoutException(RefusalCode code, string message, bool mayHaveHappened) : RaftQueueException(code, message)
{
    /// <summary>The request was on the wire: it may have been carried out, or may yet be. False: it was never sent.</summary>
    public bool MayHaveHappened { get; } = mayHaveHappened;
}

/// <summary>A payload could not be written or read. The message itself can still be settled.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="innerException">What caused it, if anything did.</param>
public class PayloadException(string message, Exception? innerException = null)
    : RaftQueueException(RefusalCode.Malformed, message, innerException);

/// <summary>A payload is, holds or claims to be of a type that the application has not registered.</summary>
/// <param name="typeName">See <see cref="TypeName"/>.</param>
/// <param name="message">What to do about it.</param>
/// <param name="innerException">What caused it, if anything did.</param>
public sealed class UnregisteredTypeException(string typeName, string message, Exception? innerException = null)
    : PayloadException(message, innerException)
{
    /// <summary>The type, by its .NET name or by the name that the message gives.</summary>
    public string TypeName { get; } = typeName;
}
