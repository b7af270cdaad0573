using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>What a queue has counted since it was declared.</summary>
internal record struct QueueCounters(long Enqueued, long Acknowledged, long DeadLettered, long Redelivered);

/// <summary>One queue: its messages, who holds them, who waits for them and who sends them.</summary>
internal sealed class QueueState : IComparable<QueueState>
{
    /// <summary>The due time of a queue where nothing will happen by time alone.</summary>
    public const long Never = long.MaxValue;

    public QueueState(QueueName name, QueueOptions options, Layout layout)
    {
        (Name, Options) = (name, options);
        Backlog = new Backlog(layout, (long)options.TimeToLive.TotalMilliseconds);
        Consumers = new Consumers(options.SingleActiveConsumer);
    }

    public QueueName Name { get; }

    public QueueOptions Options { get; }

    public Backlog Backlog { get; }

    public Leases Leases { get; } = new();

    public Consumers Consumers { get; }

    public Dictionary<ProducerId, Producer> Producers { get; } = [];

    public RedriveMemory Redrives { get; } = new();

    public QueueCounters Counters;

    /// <summary>Deleted: nothing more is to be done with it.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether something happened to it in the entry that is being applied, so that messages may have to be assigned.</summary>
    public bool IsTouched { get; set; }

    /// <summary>When the machine will look at what is due here; never later than it is.</summary>
    public long RegisteredDue { get; set; } = Never;

    /// <summary>When something is due here by time alone.</summary>
    public long NextDue
    {
        get
        {
            var due = Math.Min(Leases.NextEnd ?? Never, Backlog.NextDue ?? Never);
            return Consumers.TryPeekWait(out var until, out _) ? Math.Min(due, until) : due;
        }
    }

    public int CompareTo(QueueState? other) => Name.CompareTo(other!.Name);

    /// <summary>The lease is over, in whichever way; its message is not touched.</summary>
    public void EndLease(LeaseEntry lease)
    {
        var consumer = lease.Consumer;
        Leases.End(lease);
        if (consumer is { IsPull: true, IsOpen: false, Held: 0 })
            Consumers.Remove(consumer);
        else
            Consumers.Refresh(consumer);
    }
}
