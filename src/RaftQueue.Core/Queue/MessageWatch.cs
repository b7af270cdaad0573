using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Writes down what happens to one message while entries are applied. It is set for an explanation only, on a machine that replays the log for it; on a replica's own
/// machine there is none, and the rules pass it by.
/// </summary>
internal sealed class MessageWatch(QueueName queue, long sequence)
{
    // An upper bound of what an event takes on the wire beside its name and its reason.
    private const int EventOverhead = 128;

    private readonly List<MessageEvent> _events = [];
    private int _bytes;
    private LogIndex _index;
    private LogTime _now;

    public IReadOnlyList<MessageEvent> Events => _events;

    /// <summary>Whether all events were written down; false where there were too many.</summary>
    public bool IsComplete { get; private set; } = true;

    /// <summary>This entry is applied next.</summary>
    public void TurnTo(LogIndex index, LogTime now) => (_index, _now) = (index, now);

    /// <summary>Something happened to a message; it is completed by <paramref name="with"/>, and written down where the message is the watched one.</summary>
    public void Say(QueueName where, long which, MessageEventKind kind, Func<MessageEvent, MessageEvent>? with = null)
    {
        if (which != sequence || where != queue)
            return;
        if (!IsComplete || _events.Count == Bounds.MaxMessageEvents)
        {
            IsComplete = false;
            return;
        }

        var told = new MessageEvent(_index, _now, kind);
        told = with is null ? told : with(told);
        _bytes += EventOverhead + (told.Other?.Value.Length ?? 0) + Encoding.UTF8.GetByteCount(told.Reason);
        IsComplete &= _bytes <= Bounds.MaxPageBytes;
        if (IsComplete)
            _events.Add(told);
    }

    /// <summary>Something happened to a lease.</summary>
    public void Say(QueueName where, LeaseEntry lease, MessageEventKind kind, string reason = "") => Say(where, lease.Message.Sequence, kind, told => told with
    {
        Consumer = lease.Consumer.Id,
        Token = lease.Token,
        DeliveryCount = lease.Message.Ref.DeliveryCount + 1,
        Until = kind is MessageEventKind.Delivered or MessageEventKind.Extended ? new LogTime(lease.Until) : null,
        Reason = reason,
    });

    /// <summary>A message left its queue for another, or for none.</summary>
    public void Left(QueueName where, long which, MessageEventKind kind, QueueName? other, long otherSequence, DeadLetterNote note) => Say(where, which, kind, told => told with
    {
        Other = other,
        OtherSequence = otherSequence,
        DeliveryCount = note.DeliveryCount,
        Cause = note.Cause,
        Reason = note.Reason,
    });

    /// <summary>A message came from another queue: as a dead letter where it brings a note, else by a redrive.</summary>
    public void Arrived(QueueName where, long which, QueueName source, long sourceSequence, DeadLetterNote? note) => Say(
        where, which, note is null ? MessageEventKind.ArrivedByRedrive : MessageEventKind.ArrivedAsDeadLetter, told => told with
        {
            Other = source,
            OtherSequence = sourceSequence,
            DeliveryCount = note?.DeliveryCount ?? 0,
            Cause = note?.Cause ?? DeadLetterCause.Unknown,
            Reason = note?.Reason ?? "",
        });
}
