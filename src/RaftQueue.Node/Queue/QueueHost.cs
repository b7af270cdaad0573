using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>
/// Hosts the queue machine of one replica: applies what is committed, on every replica; and, where the replica leads, performs what follows from it:
/// answers, deliveries, and the ticks by which log time goes on when nobody sends anything (P5).
/// </summary>
internal sealed partial class QueueHost : ReceiveActor, IWithTimers, IWithUnboundedStash
{
    private readonly GroupId _group;
    private readonly QueueSettings _settings;
    private readonly IActorRef _snapshots;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ThrottledLog _throttled;
    private readonly Dictionary<LogIndex, ProposeCommand> _proposed = [];
    private readonly Subscriptions _subscriptions = new();
    private QueueMachine _machine;
    private IActorRef _raft = ActorRefs.Nobody;
    private bool _isLeading;
    private TimeSpan _stampedAt;
    private NotLeader _redirect;

    /// <param name="group">The group.</param>
    /// <param name="settings">How the machine is hosted.</param>
    /// <param name="snapshots">Keeps the machine's snapshots.</param>
    /// <param name="start">The snapshot that the replica's log starts from; null where there is none.</param>
    /// <param name="time">The clocks: the monotonic one by which consumers are missed, nothing else is read of them.</param>
    public QueueHost(GroupId group, QueueSettings settings, IActorRef snapshots, SnapshotMeta? start, TimeProvider time)
    {
        _group = group;
        _settings = settings;
        _snapshots = snapshots;
        _time = time;
        _throttled = new ThrottledLog(_log, time);
        _started = time.GetTimestamp();
        _machine = new QueueMachine();
        var self = Self;
        _unsent = new UnsentAnswers(MaxUnsentBytes, () => self.Tell(ThereIsRoom.Instance));
        _redirect = new NotLeader(group, null, OutcomeUnknown: false);
        if (start is null)
        {
            Become(Serving);
        }
        else
        {
            _snapshots.Tell(new RestoreMachine(start));
            Become(Restoring);
        }
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    public IStash Stash { get; set; } = null!;

    private void Restoring()
    {
        Receive<MachineRestored>(restored =>
        {
            _machine = restored.Machine;
            ForgetReads();
            (_sinceSnapshot, _isSaving) = (default, false);
            _log.Info("Group {0}: the queues are restored as of index {1}", _group, _machine.AppliedIndex);
            Become(Serving);
            _raft.Tell(new AppliedThrough(_machine.AppliedIndex));
            AnswerWaitingQuestions(); // out of the new machine: what was being read for them was for the old one
            Stash.UnstashAll();
        });
        Receive<ClientIsAlive>(alive => alive.Lane?.Leave(0)); // a replica that restores does not lead
        ReceiveAny(_ => Stash.Stash());
    }

    private void Serving()
    {
        Receive<Committed>(committed => Apply(committed));
        Receive<Proposed>(Expect);
        HearCourier();
        HearQuestionsOfHistory();
        Receive<StartLeading>(_ =>
        {
            _raft = Sender;
            StartLeading();
        });
        Receive<StopLeading>(stop => StopLeading(stop.Redirect));
        Receive<AskQuery>(Answer);
        Receive<CompleteStatus>(Complete);
        Receive<ClientIsAlive>(KeepAlive);
        Receive<ThereIsRoom>(_ => GoOnWithBodies());
        Receive<ClientLost>(lost => Doubt(lost.Address));
        Receive<RestoreMachine>(restore =>
        {
            _raft = Sender;
            _snapshots.Tell(restore);
            Become(Restoring);
        });
        Receive<MachineSaved>(FinishSnapshot);
        Receive<SegmentRead>(TakeIn);
        Receive<SegmentUnreadable>(TakeIn);
        Receive<TimeIsDue>(_ => Tick());
        Receive<LookForGoneClients>(_ =>
        {
            EndGoneSubscriptions();
            LookForUnserved();
            LookForDiscarded();
        });
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    // Log time as far as this replica knows: that of the latest entry, and what has passed since.
    private LogTime LogNow => new(_machine.Now.Milliseconds + (long)(Now - _stampedAt).TotalMilliseconds);

    private void Expect(Proposed proposed)
    {
        _raft = Sender;
        for (var i = 0; i < proposed.Commands.Length; i++)
            _proposed[proposed.First + i] = proposed.Commands[i];
    }

    private void Apply(Committed committed)
    {
        _raft = Sender;
        var before = _machine.Now;
        foreach (var entry in committed.Entries)
        {
            var started = _time.GetTimestamp();
            Apply(entry);
            var took = _time.GetElapsedTime(started);
            if (took > _longestApply)
                _longestApply = took;
            _sinceSnapshot.Count(entry);
        }

        if (_machine.Now > before)
            _stampedAt = Now;

        _subscriptions.Flush(Send);
        _raft.Tell(new AppliedThrough(_machine.AppliedIndex));
        TakeSnapshotIfDue();
        ScheduleTick();
    }

    private void Apply(Entry entry)
    {
        if (entry.Kind != EntryKind.Command)
        {
            _machine.Advance(entry.Index, entry.Stamp);
            return;
        }

        var isOurs = _proposed.Remove(entry.Index, out var proposal);
        var command = isOurs ? proposal!.Command : CommandCodec.Decode(entry.Payload);
        var outcome = _machine.Apply(entry.Index, entry.Stamp, command);
        if (isOurs)
            StartLeading(); // an entry of ours may be committed together with the no-op before it
        if (!_isLeading)
            return;
        Track(command, isOurs && outcome.Reply is not Refused ? proposal!.Origin : null);
        foreach (var effect in outcome.Effects)
            Perform(effect);
        if (isOurs && outcome.Reply is { } reply)
            proposal!.Origin.Answer(reply, Self);
    }

    private void StartLeading()
    {
        if (_isLeading)
            return;
        _isLeading = true;
        _subscriptions.Reset(_machine, Now);
        Timers.StartPeriodicTimer(LookForGoneClients.Instance, LookForGoneClients.Instance, TimeSpan.FromSeconds(1));
        ScheduleTick();
        // The leader's first entry may carry the time of the last one before it, however long ago that was.
        if (_machine.NextDue is not null)
            ProposeOwn(Contracts.Queue.Tick.Instance);
        StartCarrying();
    }

    private void StopLeading(NotLeader redirect)
    {
        _isLeading = false;
        _redirect = redirect with { OutcomeUnknown = false };
        Timers.CancelAll();
        StopCarrying();
        _tickSetFor = null;
        foreach (var subscription in _subscriptions.Clear())
            subscription.Origin.Answer(redirect, Self);
        EndDeliveries(redirect);
        foreach (var proposal in _proposed.Values)
            proposal.Origin.Answer(redirect, Self);
        _proposed.Clear();
    }

    private sealed class TimeIsDue
    {
        public static readonly TimeIsDue Instance = new();
    }

    private sealed class ThereIsRoom
    {
        public static readonly ThereIsRoom Instance = new();
    }

    private sealed class LookForGoneClients
    {
        public static readonly LookForGoneClients Instance = new();
    }
}
