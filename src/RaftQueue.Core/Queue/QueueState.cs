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

    public QueueState(QueueName name, QueueOptions options, GroupId? deadLetterGroup, Layout layout)
    {
        (Name, Options, DeadLetterGroup) = (name, options, deadLetterGroup);
        Backlog = new Backlog(layout, options.TimeToLive is { } kept ? LogTime.MillisecondsOf(kept) : 0);
        Consumers = new Consumers(options.SingleActiveConsumer);
    }

    public QueueName Name { get; }

    public QueueOptions Options { get; }

    /// <summary>The group of the dead-letter queue, where that is another than this one.</summary>
    public GroupId? DeadLetterGroup { get; }

    public Backlog Backlog { get; }

    public Leases Leases { get; } = new();

    public Consumers Consumers { get; }

    public Dictionary<ProducerId, Producer> Producers { get; } = [];

    public RedriveMemory Redrives { get; } = new();

    public Inbox Inbox { get; } = new();

    public QueueCounters Counters;

    /// <summary>Deleted: nothing more is to be done with it.</summary>
    public bool IsDeleted { get; set; }

    /// <summary>Whether something happened to it in the entry that is being applied, so that messages may have to be assigned.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Whether a consumer has credit and a message may be ready for it: assignment was not finished.</summary>
    public bool IsUnserved => Backlog.MayHaveReady && Consumers.Next() is not null;

    /// <summary>When the machine will look at what is due here; never later than it is.</summary>
    public long RegisteredDue { get; set; } = Never;

    /// <summary>When something is due here by time alone.</summary>
    /// <param name="now">Log time: what was left over is due at once.</param>
    /// <param name="noExpiryBefore">What expires waits until then.</param>
    public long NextDue(long now, long noExpiryBefore)
    {
        var due = Math.Min(Leases.NextEnd ?? Never, Backlog.NextRelease ?? Never);
        due = Math.Min(due, IsUnserved ? now : Never);
        due = Math.Min(due, Math.Max(Backlog.NextDue ?? Never, noExpiryBefore));
        return Consumers.TryPeekWait(out var until, out _) ? Math.Min(due, until) : due;
    }

    /// <summary>Whether one more message of that length fits, with nothing dropped to make room.</summary>
    public bool HasRoomFor(int bytes) =>
        (Options.MaxMessages == 0 || Backlog.Count < Options.MaxMessages) && (Options.MaxBytes == 0 || Backlog.Bytes + bytes <= Options.MaxBytes);

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
