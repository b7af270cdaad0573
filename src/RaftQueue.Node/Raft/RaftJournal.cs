using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Raft;

/// <summary>
/// The memory of one replica: an event-sourced actor that journals what the rules want remembered (P4). It is the parent of the <see cref="RaftActor"/>, which does not
/// exist before recovery has finished; and when that or any of its siblings fails, the journal goes down with them, so that a replica never goes on with a
/// state that it may not have remembered.
/// </summary>
/// <remarks>
/// One write is in flight at a time. What arrives meanwhile goes into the next write as one record: rows cost far more than bytes.
/// </remarks>
internal sealed class RaftJournal : UntypedPersistentActor
{
    private readonly ReplicaIdentity _self;
    private readonly StartReplica _start;
    private readonly IActorRef _peers;
    private readonly long _checkpointBytes;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<Remember> _waiting = [];
    private ReplicaActors _replica = ReplicaActors.None;
    private Memory _memory = Memory.Empty;
    private long _records;
    private long _bytesSinceCheckpoint;
    private bool _isWriting;

    /// <param name="self">Whose memory this is.</param>
    /// <param name="peers">Carries what may be said once it is remembered.</param>
    /// <param name="checkpointBytes">How much is written before a checkpoint takes its place, at the next compaction.</param>
    /// <param name="start">Starts the replica with what was recovered.</param>
    public RaftJournal(ReplicaIdentity self, IActorRef peers, long checkpointBytes, StartReplica start)
    {
        _self = self;
        _peers = peers;
        _checkpointBytes = checkpointBytes;
        _start = start;
        JournalPluginId = StoragePlugins.JournalId;
        SnapshotPluginId = StoragePlugins.SnapshotStoreId;
    }

    /// <inheritdoc />
    public override string PersistenceId => ReplicaNames.Log(_self.Node, _self.Group);

    /// <inheritdoc />
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        maxNrOfRetries: -1,
        withinTimeMilliseconds: -1,
        localOnlyDecider: failure =>
        {
            _log.Error(failure, "Group {0}: this replica stops, because it failed: {1}", _self.Group, failure.Message);
            return Directive.Stop;
        },
        loggingEnabled: false);

    /// <inheritdoc />
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: byte[] bytes } offer:
                _memory = Memory.From(JournalCodec.DecodeCheckpoint(bytes));
                _records = offer.Metadata.SequenceNr;
                break;
            case SnapshotOffer offer:
                throw new DamagedRecordException(
                    offer.Metadata.SequenceNr, $"The checkpoint after record {offer.Metadata.SequenceNr} of the journal does not hold bytes.");
            case byte[] bytes:
                Replay(bytes);
                break;
            case RecoveryCompleted:
                Recovered();
                break;
            default:
                throw new DamagedRecordException(_records + 1, $"What follows record {_records} of the journal does not hold bytes.");
        }
    }

    /// <inheritdoc />
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case Remember remember:
                _waiting.Add(remember);
                if (!_isWriting)
                    Write();
                break;
            case SaveSnapshotSuccess saved:
                // What the checkpoint covers is no longer needed. Should this fail, the rows stay until the next checkpoint.
                DeleteMessages(saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                break;
            case SaveSnapshotFailure failure:
                _log.Warning(failure.Cause, "Group {0}: the journal was not compacted and stays longer: {1}", _self.Group, failure.Cause.Message);
                _bytesSinceCheckpoint = _checkpointBytes; // tried again at the next compaction
                break;
            case DeleteMessagesFailure failure:
                _log.Warning(failure.Cause, "Group {0}: old records were not deleted: {1}", _self.Group, failure.Cause.Message);
                break;
            case DeleteSnapshotsFailure failure:
                _log.Warning(failure.Cause, "Group {0}: old checkpoints were not deleted: {1}", _self.Group, failure.Cause.Message);
                break;
            case DeleteMessagesSuccess or DeleteSnapshotsSuccess:
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    /// <inheritdoc />
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        // Akka stops this actor, and with it the replica: it neither votes nor acknowledges until it has recovered from what is really there.
        _log.Error(cause, "Group {0}: this replica stops, because it cannot write its journal: {1}", _self.Group, cause.Message);
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc />
    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        // By default a rejected event is only logged; we may not go on as if it were remembered.
        _log.Error(cause, "Group {0}: this replica stops, because its journal refused a record: {1}", _self.Group, cause.Message);
        Context.Stop(Self);
    }

    /// <inheritdoc />
    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        _log.Error("Group {0}: this replica does not start, because {1} Its other members go on without it.", _self.Group, Trouble.OfJournal(reason));

    private void Replay(byte[] bytes)
    {
        var (number, events) = JournalCodec.Decode(bytes);
        if (number != _records + 1)
            throw new DamagedRecordException(number, $"After record {_records} of the journal comes record {number}; what lies between is missing.");
        _records = number;
        _bytesSinceCheckpoint += bytes.Length;
        foreach (var @event in events)
            _memory = _memory.Apply(@event);
    }

    private void Recovered()
    {
        // The journal knows how many records there were, also when the last of them, or a checkpoint with nothing after it, are gone.
        if (LastSequenceNr != _records)
        {
            OnRecoveryFailure(new DamagedRecordException(
                _records + 1, $"The journal ends with record {_records}, but {LastSequenceNr} were written; what lies between is missing."));
            Context.Stop(Self);
            return;
        }

        if (_records > 0)
        {
            Start();
            return;
        }

        // Who has no data knows of no members: whether a group is to be founded is for the rules to find out.
        var waiting = new Bootstrapped(Configuration.Empty);
        _memory = _memory.Apply(waiting);
        Persist(JournalCodec.Encode(++_records, [waiting]), _ => Start());
    }

    private void Start()
    {
        _log.Info(
            "Group {0}: remembers term {1} and the log through index {2}", _self.Group, _memory.CurrentTerm, _memory.Log.LastIndex);
        _replica = _start(_memory, Context);
        foreach (var child in Context.GetChildren())
            Context.Watch(child);
        _memory = Memory.Empty; // it lives on in the replica
    }

    private void Write()
    {
        var through = _waiting.Count;
        var events = Events();
        if (events.IsEmpty)
        {
            Finish(through, compacted: false);
            return;
        }

        _isWriting = true;
        var record = JournalCodec.Encode(++_records, events);
        _bytesSinceCheckpoint += record.Length;
        PersistAsync(record, _ =>
        {
            _isWriting = false;
            Finish(through, events.Any(@event => @event is LogCompacted or SnapshotInstalled));
            if (_waiting.Count > 0)
                Write();
        });
    }

    private ImmutableArray<IRaftEvent> Events()
    {
        if (_waiting.Count == 1)
            return _waiting[0].Events;
        var events = ImmutableArray.CreateBuilder<IRaftEvent>();
        foreach (var remember in _waiting)
            events.AddRange(remember.Events);
        return events.DrainToImmutable();
    }

    private void Finish(int through, bool compacted)
    {
        var last = _waiting[through - 1];
        for (var i = 0; i < through; i++)
        {
            foreach (var envelope in _waiting[i].ThenSend)
                _peers.Tell(envelope);
        }

        _waiting.RemoveRange(0, through);
        _replica.Raft.Tell(new Remembered(last.Number, last.Mark));
        if (!compacted)
            return;
        _replica.Snapshots.Tell(new Compacted(last.Memory.Log.FirstIndex.Previous));
        // A checkpoint holds the log that is kept: one at each compaction would write half of every message once more.
        if (!Retention.IsCheckpointDue(_bytesSinceCheckpoint, _checkpointBytes))
            return;
        _bytesSinceCheckpoint = 0;
        SaveSnapshot(JournalCodec.EncodeCheckpoint(last.Memory.ToCheckpoint()));
    }
}
