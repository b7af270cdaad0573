using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Connection;

/// <summary>Replies as results, refusals as exceptions.</summary>
internal static class Refusals
{
    /// <summary>Whether the same request may be accepted a moment later.</summary>
    public static bool IsTransient(RefusalCode code) => code is RefusalCode.Busy or RefusalCode.NoQuorum;

    /// <summary>
    /// Refuses a command whose values lie outside their bounds before it is sent, where they are as the caller gave them.
    /// </summary>
    /// <exception cref="RaftQueueException">The message names the field, the value and the bound.</exception>
    public static void Check(ICommand command)
    {
        try
        {
            CommandBounds.Check(command);
        }
        catch (MalformedException problem)
        {
            throw new RaftQueueException(problem.Code, $"{problem.Message}.", problem);
        }
    }

    public static T Expect<T>(CallResult result) where T : IReply => result.Reply switch
    {
        T expected => expected,
        Refused refused => throw ToException(refused, result.OutcomeUnknown),
        _ => throw Unexpected<T>(result.Reply),
    };

    public static RaftQueueException Unexpected<T>(IReply reply)
    {
        var (got, expected) = (reply.GetType().Name, typeof(T).Name);
        var message = $"A node answered with {got} where {expected} was expected: client and node are of different versions.";
        return new RaftQueueException(RefusalCode.Unknown, message) { OutcomeUnknown = true };
    }

    /// <param name="refused">The refusal.</param>
    /// <param name="outcomeUnknown">Another attempt of the same request may have been carried out.</param>
    public static RaftQueueException ToException(Refused refused, bool outcomeUnknown = false)
    {
        var isUnknown = outcomeUnknown || refused.OutcomeUnknown || refused.Code == RefusalCode.SequenceForgotten;
        return refused.Code switch
        {
            RefusalCode.UnknownQueue => new QueueNotFoundException(refused.Message) { OutcomeUnknown = isUnknown },
            RefusalCode.QueueFull => new QueueFullException(refused.Message) { OutcomeUnknown = isUnknown },
            RefusalCode.StaleLease => new StaleLeaseException(refused.Message) { OutcomeUnknown = isUnknown },
            _ => new RaftQueueException(refused.Code, refused.Message) { OutcomeUnknown = isUnknown },
        };
    }
}
