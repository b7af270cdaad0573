using System.Buffers;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>What waits for one queue of another group, as far as it goes into one command for that group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Transfer">The command. Sending it again, whole or in part, does no harm.</param>
public sealed record Consignment(GroupId Group, Transfer Transfer);

/// <summary>What waits for one queue of another group.</summary>
/// <param name="Target">The queue.</param>
/// <param name="Group">The group of the queue.</param>
/// <param name="Messages">How many messages wait.</param>
/// <param name="Number">The number of the outbox.</param>
/// <param name="FirstSequence">The first of them, by its number in the outbox; it rises with every confirmation.</param>
public readonly record struct OutboxStatus(QueueName Target, GroupId Group, long Messages, long Number, long FirstSequence);

/// <content>What is on its way to other groups.</content>
public sealed partial class QueueMachine
{
    /// <summary>The queues of other groups that messages are on their way to, by name.</summary>
    public IEnumerable<QueueName> Outboxes => _state.Outboxes.InOrder.Select(outbox => outbox.Target);

    /// <summary>What waits, by the names of the queues. For health checks: where nothing of it moves, it is stuck.</summary>
    public IEnumerable<OutboxStatus> OutboxStatuses => _state.Outboxes.InOrder.Select(outbox =>
        new OutboxStatus(outbox.Target, outbox.Group, outbox.Messages.Count, outbox.Number, outbox.Messages.FirstSequence));

    /// <summary>The first messages that wait for a queue: as many as fit into <paramref name="maxBytes"/>, but at least one.</summary>
    /// <param name="target">The queue.</param>
    /// <param name="self">This machine's own group.</param>
    /// <param name="maxBytes">About the bytes of the bodies and of what is known of each.</param>
    /// <returns>Null where nothing waits, or where the first body is not in memory: load <see cref="SegmentsNeededByOutbox"/> first.</returns>
    public Consignment? Pack(QueueName target, GroupId self, int maxBytes)
    {
        if (!_state.Outboxes.TryFind(target, out var outbox))
            return null;
        var bytes = new ArrayBufferWriter<byte>();
        var origins = new List<DeadLetter>();
        foreach (var message in First(outbox, maxBytes))
        {
            if (!TryGetBody(message.Ref.Body, out var body))
                break;
            bytes.Write(body.Span);
            origins.Add(message.Note!.At(message.Sequence));
        }

        return origins.Count == 0
            ? null
            : new Consignment(outbox.Group, new Transfer(target, self, outbox.Number, new MessageBlock(bytes.WrittenMemory, origins.Count), [.. origins]));
    }

    /// <summary>The segments that <see cref="Pack"/> wants to read and that are not in memory.</summary>
    public IReadOnlyList<long> SegmentsNeededByOutbox(QueueName target, int maxBytes) => _state.Outboxes.TryFind(target, out var outbox)
        ? [.. First(outbox, maxBytes).Select(message => message.Ref.Segment).Distinct().Where(number => _state.Segments.TryFind(number, out var segment) && !segment.IsLoaded)]
        : [];

    private static IEnumerable<Message> First(Outbox outbox, int maxBytes)
    {
        var (next, left, bytes) = (outbox.Messages.FirstSequence, Bounds.MaxMessagesPerCommand / 4, 0L);
        while (left-- > 0 && outbox.Messages.TryFindFrom(next, out var message))
        {
            var size = message.Ref.Length + message.Note!.Size;
            bytes += size;
            if (bytes > maxBytes && bytes > size)
                yield break;
            yield return message;
            next = message.Sequence + 1;
        }
    }
}
