using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Connection;

/// <summary>Replies as results, refusals as exceptions.</summary>
internal static class Refusals
{
    /// <summary>Whether the same request may be accepted a moment later.</summary>
    public static bool IsTransient(RefusalCode code) => code is RefusalCode.Busy or RefusalCode.NoQuorum;

    public static T Expect<T>(IReply reply) where T : IReply => reply switch
    {
        T expected => expected,
        Refused refused => throw ToException(refused),
        _ => throw Unexpected<T>(reply),
    };

    public static RaftQueueException Unexpected<T>(IReply reply) =>
        new(RefusalCode.Unknown, $"A node answered with {reply.GetType().Name} where {typeof(T).Name} was expected: client and node are of different versions.");

    public static RaftQueueException ToException(Refused refused, bool isRepeat = false) => refused.Code switch
    {
        RefusalCode.UnknownQueue => new QueueNotFoundException(refused.Message),
        RefusalCode.QueueFull => new QueueFullException(refused.Message),
        RefusalCode.StaleLease => new StaleLeaseException(refused.Message, isRepeat),
        _ => new RaftQueueException(refused.Code, refused.Message),
    };
}
