using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Faults;

namespace RaftQueue.Simulation.Checkers;

/// <summary>Shows everything that happens to every checker, in a fixed order, and keeps the books they look things up in.</summary>
public sealed class Referee
{
    private readonly Checker[] _checkers;

    /// <summary>A referee with all the checkers there are.</summary>
    /// <param name="trueTime">The true time.</param>
    /// <param name="profile">What the schedule's clocks and rules may do.</param>
    public Referee(Func<TimeSpan> trueTime, FaultProfile profile)
    {
        Queues = new QueueHistory();
        _checkers =
        [
            new SettingsStay(), new OneVotePerTerm(), new ElectionSafety(), new LeaderAppendOnly(), new LogMatching(), new MemoryMatchesEvents(),
            new AcknowledgedIsDurable(), new CommitNeverMovesBack(Books), new CommitByMajority(Books), new LeaderCompleteness(Books),
            new StateMachineSafety(), new KnownVersions(), new EqualDigests(), new FreshReads(Books), new LogTimeAdvances(trueTime, profile.MaxDrift, profile.Options), Queues,
        ];
    }

    /// <summary>What the checkers look up.</summary>
    public Books Books { get; } = new();

    /// <summary>What the queues' history was.</summary>
    public QueueHistory Queues { get; }

    /// <summary>The names of the promises that are watched.</summary>
    public IEnumerable<string> Promises => _checkers.Select(checker => checker.Name);

    /// <inheritdoc cref="Checker.Woke"/>
    public void Woke(Witness node, Incarnation incarnation, IReadOnlyList<IRaftEvent> disk, Replica replica)
    {
        Books.Open(node, incarnation, disk);
        foreach (var checker in _checkers)
            checker.Woke(node, replica);
    }

    /// <inheritdoc cref="Checker.Configured"/>
    public void Configured(Witness node, FixedSettings settings)
    {
        foreach (var checker in _checkers)
            checker.Configured(node, settings);
    }

    /// <inheritdoc cref="Checker.Stepped"/>
    public void Stepped(Witness node, Replica before, Input input, Step step)
    {
        foreach (var happened in step.Remember)
            node.Memory.Apply(happened);
        foreach (var checker in _checkers)
            checker.Stepped(node, before, input, step);
    }

    /// <inheritdoc cref="Checker.Persisted"/>
    public void Persisted(Witness node, IReadOnlyList<IRaftEvent> events)
    {
        Books.Persist(node, events);
        foreach (var checker in _checkers)
            checker.Persisted(node, events);
    }

    /// <inheritdoc cref="Checker.Sent"/>
    public void Sent(Witness node, Envelope envelope)
    {
        foreach (var checker in _checkers)
            checker.Sent(node, envelope);
    }

    /// <inheritdoc cref="Checker.Applying"/>
    public void Applying(Witness node, Entry entry)
    {
        foreach (var checker in _checkers)
            checker.Applying(node, entry);
    }

    /// <inheritdoc cref="Checker.Applied"/>
    public void Applied(Witness node, Entry entry, ICommand? command, Outcome outcome, Func<IQuery, IReply> ask)
    {
        foreach (var checker in _checkers)
            checker.Applied(node, entry, command, outcome, ask);
        node.Applied = entry.Index;
    }

    /// <inheritdoc cref="Checker.Restored"/>
    public void Restored(Witness node, LogIndex index)
    {
        foreach (var checker in _checkers)
            checker.Restored(node, index);
        node.Applied = index;
    }

    /// <inheritdoc cref="Checker.Digested"/>
    public void Digested(Witness node, LogIndex index, string digest)
    {
        foreach (var checker in _checkers)
            checker.Digested(node, index, digest);
    }

    /// <inheritdoc cref="Checker.ReadAsked"/>
    public void ReadAsked(Witness node, long readId)
    {
        foreach (var checker in _checkers)
            checker.ReadAsked(node, readId);
    }

    /// <inheritdoc cref="Checker.ReadAnswered"/>
    public void ReadAnswered(Witness node, long readId, LogIndex index)
    {
        foreach (var checker in _checkers)
            checker.ReadAnswered(node, readId, index);
    }

    /// <inheritdoc cref="Checker.Confirmed"/>
    public void Confirmed(Enqueue command, Enqueued reply)
    {
        foreach (var checker in _checkers)
            checker.Confirmed(command, reply);
    }

    /// <inheritdoc cref="Checker.Refused"/>
    public void Refused(Enqueue command)
    {
        foreach (var checker in _checkers)
            checker.Refused(command);
    }

    /// <inheritdoc cref="Checker.Delivered"/>
    public void Delivered(QueueName queue, ConsumerId consumer, Delivery delivery)
    {
        foreach (var checker in _checkers)
            checker.Delivered(queue, consumer, delivery);
    }

    /// <inheritdoc cref="Checker.Closed"/>
    public void Closed()
    {
        foreach (var checker in _checkers)
            checker.Closed();
    }
}
