using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <content>Questions; none changes anything.</content>
public sealed partial class QueueMachine
{
    /// <summary>The most segments that one peek looks into: so many are in memory together for it.</summary>
    public const int MaxSegmentsOfPeek = 16;

    // Upper bounds of what an item takes on the wire beside its names, bodies and reasons.
    private const int StatsOverhead = 320;
    private const int DeliveryOverhead = 48;

    /// <summary>
    /// Answers a question about the state. A list answers with a page. A peek answers with <see cref="Bounds.MaxCommandBytes"/> at most,
    /// out of <see cref="MaxSegmentsOfPeek"/> segments at most (but
    /// with one message at least), and is refused as busy while a body it needs is not in memory: load <see cref="SegmentsNeededBy"/> first.
    /// </summary>
    public IReply Query(IQuery query) => query switch
    {
        GetQueueStats stats => _state.TryFind(stats.Queue, out var queue) ? StatsOf(queue) : Refusals.UnknownQueue(stats.Queue),
        ListQueues list => PageOf(list),
        Peek peek => PeekInto(peek),
        _ => Refusals.NotACommand(query),
    };

    /// <summary>The segments that must be in memory to answer a question and are not.</summary>
    public IReadOnlyList<long> SegmentsNeededBy(IQuery query)
    {
        if (query is not Peek peek || !_state.TryFind(peek.Queue, out var queue))
            return [];
        return [.. Seen(queue, peek).Select(message => message.Ref.Segment).Distinct()
            .Where(number => _state.Segments.TryFind(number, out var segment) && !segment.IsLoaded).Order()];
    }

    /// <summary>Whether this lease has not ended: a delivery that had to wait is sent only then.</summary>
    public bool IsHeld(QueueName queue, long sequence, long token) =>
        _state.TryFind(queue, out var state) && state.Leases.TryFind(sequence, out var lease) && lease.Token == token;

    /// <summary>
    /// A consumer with credit and a queue with a message for it, which did not find each other; null when there are none, as there should be after every command. For
    /// health checks: where one stays, deliveries stand still.
    /// </summary>
    public (QueueName Queue, ConsumerId Consumer)? FindUnserved()
    {
        foreach (var queue in _state.QueuesInOrder)
        {
            if (queue.Backlog.MayHaveReady && queue.Consumers.Next() is { } consumer)
                return (queue.Name, consumer.Id);
        }

        return null;
    }

    // One more than fits is taken: it tells whether there are more.
    private QueueList PageOf(ListQueues list)
    {
        var page = ImmutableArray.CreateBuilder<QueueStats>();
        var bytes = 0;
        foreach (var queue in _state.FindInOrder(queue => IsListed(queue, list)).Take((Bounds.MaxPageBytes / StatsOverhead) + 1))
        {
            bytes += StatsOverhead + queue.Name.Value.Length + (queue.Options.DeadLetterQueue?.Value.Length ?? 0);
            if (bytes > Bounds.MaxPageBytes)
                return new QueueList(page.DrainToImmutable()) { HasMore = true };
            page.Add(StatsOf(queue));
        }

        return new QueueList(page.DrainToImmutable());
    }

    private static bool IsListed(QueueState queue, ListQueues list) =>
        queue.Name.Value.StartsWith(list.Prefix, StringComparison.Ordinal) && (list.After is not { } after || queue.Name.CompareTo(after) > 0);

    private QueueStats StatsOf(QueueState queue) => new(
        queue.Name,
        queue.Options,
        queue.Backlog.Ready,
        queue.Backlog.Leased,
        queue.Backlog.Delayed,
        queue.Backlog.Bytes,
        queue.Consumers.Subscriptions,
        queue.Backlog.FirstSequence,
        queue.Backlog.NextSequence,
        queue.Counters.Enqueued,
        queue.Counters.Acknowledged,
        queue.Counters.DeadLettered,
        queue.Counters.Redelivered)
    {
        InTransit = _state.Outboxes.CountFrom(queue.Name),
    };

    private static IEnumerable<Message> Seen(QueueState queue, Peek peek)
    {
        var (next, left, bytes) = (peek.FromSequence, peek.MaxMessages, 0L);
        var segments = new HashSet<long>();
        while (left-- > 0 && queue.Backlog.TryFindFrom(next, out var message))
        {
            var size = SizeOf(message);
            bytes += size;
            segments.Add(message.Ref.Segment);
            if ((bytes > Bounds.MaxCommandBytes && bytes > size) || segments.Count > MaxSegmentsOfPeek)
                yield break;
            yield return message;
            next = message.Sequence + 1;
        }
    }

    private static int SizeOf(Message message) => DeliveryOverhead + message.Ref.Length + (message.Note?.Size ?? 0);

    private IReply PeekInto(Peek peek)
    {
        if (!_state.TryFind(peek.Queue, out var queue))
            return Refusals.UnknownQueue(peek.Queue);
        if (OptionRules.Within(nameof(peek.MaxMessages), peek.MaxMessages, 1, Bounds.MaxReceive) is { } refusal)
            return refusal;

        var deliveries = new List<Delivery>();
        var deadLetters = ImmutableArray.CreateBuilder<DeadLetter>();
        foreach (var message in Seen(queue, peek))
        {
            if (!TryGetBody(message.Ref.Body, out var body))
                return Refusals.NotInMemory(message.Ref.Segment);
            deliveries.Add(Look(queue, message, body));
            if (message.Note is { } note)
                deadLetters.Add(note.At(message.Sequence));
        }

        return new Peeked(queue.Name, DeliveryBlock.Of(deliveries)) { DeadLetters = deadLetters.DrainToImmutable() };
    }

    private static Delivery Look(QueueState queue, Message message, ReadOnlyMemory<byte> body)
    {
        var isHeld = queue.Leases.TryFind(message.Sequence, out var lease);
        return new Delivery(
            message.Sequence,
            isHeld ? lease.Token : 0,
            message.Ref.DeliveryCount + (isHeld ? 1 : 0),
            new LogTime(message.Ref.EnqueuedAt),
            new LogTime(isHeld ? lease.Until : 0),
            body);
    }
}
