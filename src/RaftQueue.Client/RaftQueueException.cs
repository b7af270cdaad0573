using RaftQueue.Contracts.Client;
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

    /// <summary>
    /// The request, or an earlier attempt of it, has left this process and was not answered for certain: it may have been carried out, or
    /// may yet
    /// be. False: it was not carried out and never will be.
    /// </summary>
    public bool OutcomeUnknown { get; internal init; }
}

/// <summary>There is no queue of that name.</summary>
/// <param name="message">Which queue.</param>
public sealed class QueueNotFoundException(string message) : RaftQueueException(RefusalCode.UnknownQueue, message);

/// <summary>The queue is at its bound and was declared to reject new messages. The message was not stored.</summary>
/// <param name="message">Which queue, and its bound.</param>
public sealed class QueueFullException(string message) : RaftQueueException(RefusalCode.QueueFull, message);

/// <summary>
/// The lease under which a message was held has ended; it may be with another consumer by now, and the settlement did not count. Where <see
/// cref="RaftQueueException.OutcomeUnknown"/>, an earlier attempt went unanswered: that attempt may have settled the message, and the lease
/// is
/// stale for that reason.
/// </summary>
/// <param name="message">Which message and token.</param>
public sealed class StaleLeaseException(string message) : RaftQueueException(RefusalCode.StaleLease, message);

/// <summary>
/// No answer within the time given, in spite of retries. <see cref="RaftQueueException.OutcomeUnknown"/> is false only where nothing was
/// sent, or
/// every attempt was refused.
/// </summary>
public sealed class RequestTimeoutException : RaftQueueException
{
    /// <summary>An error with what is known of the request.</summary>
    /// <param name="code">
    /// The last refusal on the way, such as <see cref="RefusalCode.NoQuorum"/>; otherwise <see cref="RefusalCode.Unknown"/>.
    /// </param>
    /// <param name="message">What was tried.</param>
    /// <param name="outcomeUnknown">See <see cref="RaftQueueException.OutcomeUnknown"/>.</param>
    public RequestTimeoutException(RefusalCode code, string message, bool outcomeUnknown)
        : base(code, message) => OutcomeUnknown = outcomeUnknown;
}

/// <summary>
/// No node answered while a client connected. It ends before the time is over when it is known of every node that it will not answer: it
/// refuses the connection,
/// or uses TLS where the client does not, or one side refuses the certificate of the other.
/// </summary>
/// <param name="message">What is known of each node.</param>
/// <param name="failures">See <see cref="Failures"/>.</param>
public sealed class ConnectFailedException(string message, IReadOnlyList<ConnectFailure> failures) : RaftQueueException(RefusalCode.Unknown, message)
{
    /// <summary>Why each of the nodes was not reached.</summary>
    public IReadOnlyList<ConnectFailure> Failures { get; } = failures;
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
