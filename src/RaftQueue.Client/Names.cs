using System.Runtime.CompilerServices;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client;

/// <summary>Names that callers give.</summary>
internal static class Names
{
    /// <exception cref="ArgumentNullException">There is no name; the error names the caller's parameter.</exception>
    public static QueueName Queue(string queue, [CallerArgumentExpression(nameof(queue))] string? parameter = null)
    {
        ArgumentNullException.ThrowIfNull(queue, parameter);
        return QueueName.IsValid(queue)
            ? new QueueName(queue)
            : throw new RaftQueueException(RefusalCode.InvalidName, $"'{queue}' is no queue name: 1 to {QueueName.MaxLength} characters of a-z A-Z 0-9 . _ - are.");
    }

    /// <exception cref="ArgumentNullException">There is no name; the error names the caller's parameter.</exception>
    public static NodeId Node(string node, [CallerArgumentExpression(nameof(node))] string? parameter = null)
    {
        ArgumentNullException.ThrowIfNull(node, parameter);
        return NodeId.IsValid(node)
            ? new NodeId(node)
            : throw new ArgumentException($"'{node}' is no node name: 1 to {NodeId.MaxLength} characters of a-z A-Z 0-9 . _ - are.", parameter);
    }
}
