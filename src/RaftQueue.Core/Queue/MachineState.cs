using System.Diagnostics.CodeAnalysis;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>All that a machine knows. Dictionaries serve to look up only: whatever can be seen from outside is walked in an order of its own.</summary>
internal sealed class MachineState(Layout layout)
{
    private const long HeldUpMilliseconds = 1_000;

    private static readonly Comparer<QueueState> ByDueTime = Comparer<QueueState>.Create((left, right) =>
        left.RegisteredDue != right.RegisteredDue ? left.RegisteredDue.CompareTo(right.RegisteredDue) : left.CompareTo(right));

    private readonly Dictionary<QueueName, QueueState> _queues = [];
    private readonly SortedSet<QueueState> _byDueTime = new(ByDueTime);
    private readonly List<QueueState> _touched = [];

    public Layout Layout { get; } = layout;

    public LogIndex AppliedIndex { get; set; }

    /// <summary>Log time, in milliseconds.</summary>
    public long Now { get; set; }

    /// <summary>How many messages the entry that is being applied may still work on (<see cref="Layout.MaxWork"/>).</summary>
    public int WorkLeft;

    /// <summary>The index of the last capture; -1 for none.</summary>
    public LogIndex CapturedIndex { get; set; } = new(-1);

    public Segments Segments { get; } = new(layout.SegmentBytes);

    public Producers Producers { get; } = new();

    public FencingTokens Tokens { get; } = new();

    public RefusedProducers RefusedProducers { get; } = new();

    public Outboxes Outboxes { get; } = new(layout);

    public EffectLog Effects { get; } = new();

    public int QueueCount => _queues.Count;

    public IEnumerable<QueueState> QueuesInOrder => _queues.Values.Order();

    /// <summary>Those for which <paramref name="isWanted"/> holds, in order. Only as many as are taken are sorted.</summary>
    public IEnumerable<QueueState> FindInOrder(Func<QueueState, bool> isWanted) => _queues.Values.Where(isWanted).Order();

    /// <summary>When something is due; null for never.</summary>
    public LogTime? NextDue
    {
        get
        {
            // Registered times may be too early, because a lease that has ended well is not taken out of them; the first is put right until it is true.
            while (_byDueTime.Min is { } first)
            {
                var due = DueOf(first);
                if (due == first.RegisteredDue)
                    return new LogTime(due);
                Register(first, due);
            }

            return null;
        }
    }

    public bool TryFind(QueueName name, [NotNullWhen(true)] out QueueState? queue) => _queues.TryGetValue(name, out queue);

    public QueueState Add(QueueName name, QueueOptions options, GroupId? deadLetterGroup)
    {
        var queue = new QueueState(name, options, deadLetterGroup, Layout);
        _queues.Add(name, queue);
        return queue;
    }

    public void Remove(QueueState queue)
    {
        _queues.Remove(queue.Name);
        Register(queue, QueueState.Never);
        queue.IsDeleted = true;
    }

    /// <summary>Something happened to the queue: what is ready must be assigned, and what is due be known.</summary>
    public void Touch(QueueState queue)
    {
        if (queue.IsTouched)
            return;
        queue.IsTouched = true;
        _touched.Add(queue);
    }

    /// <summary>The touched queues, by name; after this none is touched.</summary>
    public void DrainTouched(Action<QueueState> act)
    {
        _touched.Sort();
        foreach (var queue in _touched)
        {
            queue.IsTouched = false;
            if (!queue.IsDeleted)
                act(queue);
        }

        _touched.Clear();
    }

    /// <summary>The queues in which something may be due by now, by name.</summary>
    public IReadOnlyList<QueueState> DueQueues()
    {
        if (_byDueTime.Min is not { } first || first.RegisteredDue > Now)
            return [];
        return [.. _byDueTime.TakeWhile(queue => queue.RegisteredDue <= Now).Order()];
    }

    /// <summary>Sees to it that the machine looks at the queue no later than something is due there.</summary>
    public void RegisterDue(QueueState queue)
    {
        // Later is left as it is: most leases end well before their time, and to follow each would cost more than one look too early.
        if (DueOf(queue) is var due && (due < queue.RegisteredDue || queue.RegisteredDue <= Now))
            Register(queue, due);
    }

    // Expired messages that cannot leave yet, for want of room on the way to another group, are looked at again a while later, not at once and for ever.
    private long DueOf(QueueState queue) => queue.NextDue(Now, noExpiryBefore: DeadLettering.IsPossible(this, queue) ? 0 : Now + HeldUpMilliseconds);

    private void Register(QueueState queue, long due)
    {
        if (queue.RegisteredDue != QueueState.Never)
            _byDueTime.Remove(queue);
        queue.RegisteredDue = due;
        if (due != QueueState.Never)
            _byDueTime.Add(queue);
    }
}
