using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Messages of this group that are on their way to one queue of another group, in the order in which they left. They stay here until that group has confirmed them:
/// until then their bodies are kept, and they are part of every snapshot.
/// </summary>
/// <param name="target">The queue that they go to.</param>
/// <param name="group">The group of that queue.</param>
/// <param name="number">Larger than that of any outbox before it; with a message's sequence it tells the target what it has seen.</param>
/// <param name="layout">How pages are cut.</param>
internal sealed class Outbox(QueueName target, GroupId group, long number, Layout layout)
{
    public QueueName Target { get; } = target;

    public GroupId Group { get; } = group;

    public long Number { get; } = number;

    /// <summary>Each with a note of where it comes from and why it left.</summary>
    public Backlog Messages { get; } = new(layout, timeToLive: 0);
}

/// <summary>All outboxes of a machine. One that is empty is gone: a target that nobody sends to any more costs nothing.</summary>
internal sealed class Outboxes(Layout layout)
{
    private readonly SortedDictionary<QueueName, Outbox> _byTarget = [];
    private readonly Dictionary<QueueName, long> _bySource = [];

    /// <summary>
    /// The number of the latest outbox. It follows log time, so that a group that lost all it had, and begins anew, does not number below what others have seen of it.
    /// </summary>
    public long LastNumber { get; set; }

    /// <summary>Messages in all of them.</summary>
    public long Messages { get; private set; }

    public int Count => _byTarget.Count;

    /// <summary>By the names of their targets.</summary>
    public IEnumerable<Outbox> InOrder => _byTarget.Values;

    public bool TryFind(QueueName target, out Outbox outbox) => _byTarget.TryGetValue(target, out outbox!);

    /// <summary>How many messages of a queue are on their way.</summary>
    public long CountFrom(QueueName source) => _bySource.GetValueOrDefault(source);

    /// <summary>The outbox for a queue; a new one where there is none.</summary>
    public Outbox Get(QueueName target, GroupId group, long now)
    {
        if (_byTarget.TryGetValue(target, out var outbox))
            return outbox;
        LastNumber = Math.Max(LastNumber + 1, now);
        return Add(target, group, LastNumber);
    }

    /// <summary>An outbox out of a snapshot, or a new one.</summary>
    public Outbox Add(QueueName target, GroupId group, long number)
    {
        var outbox = new Outbox(target, group, number, layout);
        _byTarget.Add(target, outbox);
        return outbox;
    }

    public void Put(Outbox outbox, in Arrival arrival)
    {
        outbox.Messages.Append(arrival);
        Tally(arrival.Note!.Source, 1);
    }

    /// <summary>Takes a message out for good; whoever calls gives up its body.</summary>
    public void Take(Outbox outbox, Message message)
    {
        Tally(message.Note!.Source, -1);
        outbox.Messages.Remove(message);
        if (outbox.Messages.Count == 0)
            _byTarget.Remove(outbox.Target);
    }

    /// <summary>Counts the messages of a page that came out of a snapshot.</summary>
    public void Recount(Page page)
    {
        for (var slot = 0; slot < page.Used; slot++)
        {
            if (page.Notes[slot] is { } note)
                Tally(note.Source, 1);
        }
    }

    private void Tally(QueueName source, int by)
    {
        Messages += by;
        var count = _bySource.GetValueOrDefault(source) + by;
        if (count == 0)
            _bySource.Remove(source);
        else
            _bySource[source] = count;
    }
}
