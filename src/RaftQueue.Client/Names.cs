using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client;

/// <summary>Names that callers give.</summary>
internal static class Names
{
    public static QueueName Queue(string queue) => QueueName.IsValid(queue)
        ? new QueueName(queue)
        : throw new RaftQueueException(RefusalCode.InvalidName, $"'{queue}' is no queue name: 1 to {QueueName.MaxLength} characters of a-z A-Z 0-9 . _ - are.");
}
