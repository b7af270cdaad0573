using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// The queue machine: every replica applies the same entries and comes to the same state, replies and effects (P5). It knows no clock: time is what the
/// entries are stamped with. Not thread-safe; one replica owns it.
/// </summary>
public sealed partial class QueueMachine
{
    /// <summary>The version of the machine's rules and of its snapshots.</summary>
    public const int Version = 2;

    /// <summary>The oldest version whose snapshots are read.</summary>
    public const int OldestReadableVersion = 2;

    private readonly MachineState _state;
    private readonly Action<QueueState> _finish;

    /// <summary>A machine to which nothing was applied.</summary>
    public QueueMachine()
        : this(Layout.Default)
    {
    }

    internal QueueMachine(Layout layout)
        : this(new MachineState(layout))
    {
    }

    private QueueMachine(MachineState state)
    {
        _state = state;
        _finish = Finish;
    }

    /// <summary>The entry that was applied last.</summary>
    public LogIndex AppliedIndex => _state.AppliedIndex;

    /// <summary>Log time: the latest stamp of an applied entry.</summary>
    public LogTime Now => new(_state.Now);

    /// <summary>
    /// When something is due by time alone: the end of a lease, of a time to live, of a delay or of a pull's wait; null for never. It happens with the first
    /// entry of that time or later.
    /// </summary>
    public LogTime? NextDue => _state.NextDue;

    /// <summary>The open subscriptions, by queue and in the order in which they came.</summary>
    public IEnumerable<(QueueName Queue, ConsumerId Consumer)> Consumers =>
        from queue in _state.QueuesInOrder
        from consumer in queue.Consumers.InOrder
        where !consumer.IsPull
        select (queue.Name, consumer.Id);

    /// <summary>The pulls that wait, and those that still hold messages, by queue and in the order in which they came.</summary>
    public IEnumerable<(QueueName Queue, ConsumerId Consumer, bool IsWaiting)> Pulls =>
        from queue in _state.QueuesInOrder
        from consumer in queue.Consumers.InOrder
        where consumer.IsPull
        select (queue.Name, consumer.Id, consumer.IsOpen);

    /// <summary>
    /// Applies a command: moves log time on to <paramref name="stamp"/> (never back) and does what is due by then, then what the command says, and then hands
    /// ready messages to consumers with credit. A command that is refused changes nothing beside the time, and what must be known to
    /// refuse a late attempt of it.
    /// </summary>
    /// <param name="index">The entry's index; larger than <see cref="AppliedIndex"/>.</param>
    /// <param name="stamp">The entry's stamp.</param>
    /// <param name="command">The command.</param>
    /// <returns>The reply and the effects. A pull that is not refused has no reply: its answer is an effect of this entry or of a later one.</returns>
    /// <exception cref="InvalidOperationException">The entry was applied before: the log and the machine do not fit together.</exception>
    public Outcome Apply(LogIndex index, LogTime stamp, ICommand command)
    {
        Advance(index, stamp);
        _state.WorkLeft = _state.Layout.MaxWork;
        TimeStep.Run(_state);
        var reply = Do(command);
        _state.DrainTouched(_finish);
        return new Outcome(reply, _state.Effects.Drain());
    }

    /// <summary>
    /// Passes over an entry that is no command. Time moves on to its stamp; what is due by then happens with the next command, so that none of its effects
    /// gets lost.
    /// </summary>
    /// <exception cref="InvalidOperationException">The entry was applied before.</exception>
    public void Advance(LogIndex index, LogTime stamp)
    {
        if (index <= _state.AppliedIndex)
            throw new InvalidOperationException($"Entry {index} came after entry {_state.AppliedIndex}: the log and the queue machine do not fit together.");
        _state.AppliedIndex = index;
        _state.Now = Math.Max(_state.Now, stamp.Milliseconds);
        _state.Effects.Watch?.TurnTo(index, Now);
    }

    /// <summary>Whether there is such a subscription or pull: a pull is gone when it holds nothing any more.</summary>
    public bool Knows(QueueName queue, ConsumerId consumer) =>
        _state.TryFind(queue, out var state) && state.Consumers.TryFind(consumer, out _);

    /// <summary>What a subscription or a pull holds, in the order of its tokens; nothing where there is no such consumer.</summary>
    public IReadOnlyList<Lease> HeldBy(QueueName queue, ConsumerId consumer) =>
        _state.TryFind(queue, out var state) && state.Consumers.TryFind(consumer, out var holder) ? holder.Leases() : [];

    private IReply? Do(ICommand command) => command switch
    {
        Enqueue enqueue => Enqueueing.Apply(_state, enqueue),
        Settle settle => Settling.Settle(_state, settle),
        Receive receive => Consuming.Receive(_state, receive),
        Tick => Ticked.Instance,
        Subscribe subscribe => Consuming.Subscribe(_state, subscribe),
        Unsubscribe unsubscribe => Consuming.Unsubscribe(_state, unsubscribe),
        Extend extend => Settling.Extend(_state, extend),
        DeclareQueue declare => Declaring.Declare(_state, declare),
        DeleteQueue delete => Declaring.Delete(_state, delete),
        PurgeQueue purge => Declaring.Purge(_state, purge),
        Redrive redrive => Redriving.Apply(_state, redrive),
        Transfer transfer => Transferring.Receive(_state, transfer),
        ConfirmTransfer confirm => Transferring.Confirm(_state, confirm),
        _ => Refusals.NotACommand(command),
    };

    private void Finish(QueueState queue)
    {
        Assignment.Run(_state, queue);
        _state.RegisterDue(queue);
    }
}
