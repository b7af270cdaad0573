using RaftQueue.Contracts.Client;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// Which leases of a consumer have come, so that each is handed to the application once. After a change of leader what the consumer holds
/// is sent again, and a push of a leader that was paused may come at any time. One number is enough to tell, because a consumer's tokens
/// rise and every push says what came before it: everything up to the mark has come or had ended, and nothing beyond it has. A push that
/// does not follow on what has come is not taken in: the leader is asked for all of it again.
/// </summary>
internal sealed class ReceivedTokens
{
    private long _through;

    /// <summary>Whether a push before this one has been lost.</summary>
    public bool IsMissingBefore(Deliver push) => push.After > _through;

    /// <param name="token">The next token of a push before which nothing is missing.</param>
    /// <returns>False where it has come before.</returns>
    public bool Add(long token)
    {
        if (token <= _through)
            return false;
        _through = token;
        return true;
    }
}
