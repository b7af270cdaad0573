using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Transcripts;

namespace RaftQueue.Simulation.Nodes;

/// <summary>
/// A node from its start to its crash: the shell around the rules, as the actor is in production. It hands inputs to the rules and carries their steps out in the
/// promised order: remember, send, apply, effects.
/// </summary>
public sealed class Life
{
    private readonly World _world;
    private readonly Timers _timers;
    private bool _isOver;

    /// <summary>A life that has not woken yet.</summary>
    public Life(SimulatedNode node, World world)
    {
        (Node, _world) = (node, world);
        _timers = new Timers(this, world);
        Journal = new JournalWriter(this, world);
        Machine = new MachineHost(this, world);
        Desk = new RequestDesk(this, world);
        Snapshots = new SnapshotTaker(this, world);
        Chunks = new ChunkCarrier(this, world);
        Replica = Replica.Wake(Identity, node.Options, Memory.Empty, MonotonicNow);
    }

    /// <summary>The node that lives it.</summary>
    public SimulatedNode Node { get; }

    /// <summary>The replica as the rules left it.</summary>
    public Replica Replica { get; private set; }

    /// <summary>The way to the journal.</summary>
    public JournalWriter Journal { get; }

    /// <summary>The queue machine.</summary>
    public MachineHost Machine { get; }

    /// <summary>The clients' requests.</summary>
    public RequestDesk Desk { get; }

    /// <summary>Its own snapshots.</summary>
    public SnapshotTaker Snapshots { get; }

    /// <summary>Snapshots on their way from and to others.</summary>
    public ChunkCarrier Chunks { get; }

    /// <summary>Whether it leads.</summary>
    public bool IsLeader => Replica.Role == Role.Leader;

    /// <summary>The wall clock, which log time is slewed towards.</summary>
    public LogTime WallNow => Node.Clock.Wall(_world.Now);

    /// <summary>Log time, as this replica's clock has it.</summary>
    public LogTime LogNow => Replica.Clock.At(MonotonicNow);

    private ReplicaIdentity Identity => new(new GroupId(0), Node.Id, Node.Disk.Incarnation);

    private TimeSpan MonotonicNow => Node.Clock.Monotonic(_world.Now);

    /// <summary>Recovers: folds the journal, restores the machine from the snapshot that the log stands on, and is a follower.</summary>
    public void Wake()
    {
        var events = Node.Disk.Journal.SelectMany(record => record.Events);
        var memory = _world.Rules.Recall(events).Aggregate(Node.Disk.Checkpoint, (memory, happened) => memory.Apply(happened));
        Replica = Replica.Wake(Identity, Node.Options, memory, MonotonicNow);
        _world.Trace.Say(Node.Id.Value, $"wakes in term {Replica.CurrentTerm}, log through {Replica.Log.LastIndex}, snapshot at {Replica.Log.Snapshot.LastIncludedIndex}");
        Node.Witness.MachineVersion = Node.Options.MachineVersion;
        _world.Referee.Woke(Node.Witness, Node.Disk.Incarnation, Node.Disk.Written, Replica);
        Machine.Restore(Replica.Log.Snapshot.LastIncludedIndex);
        _timers.RestartElection();
    }

    /// <summary>It is over: what was planned for it does not happen, and a write on its way may be lost.</summary>
    public void End()
    {
        Journal.CutShort();
        _isOver = true;
    }

    /// <summary>Does something later, unless this life is over by then; a paused node does it when it goes on.</summary>
    public void Soon(TimeSpan delay, Action<Life> deed) => _world.Schedule.After(delay, () => Do(deed));

    /// <summary>Hands an input to the rules and carries out what they answer.</summary>
    public void Hear(Input input)
    {
        if (_isOver)
            return;
        var before = Replica;
        var step = _world.Rules.Step(before, input, MonotonicNow);
        Replica = step.Next;
        Tell(before, input, step);
        _world.Referee.Stepped(Node.Witness, before, input, step);
        CarryOut(before, step);
    }

    /// <summary>Lets the election timer fire now; for schedules driven by hand.</summary>
    public void FireElectionTimer() => Hear(new Input.ElectionTimeout());

    /// <summary>Sends a message, under the eyes of the checkers.</summary>
    public void Send(Envelope envelope)
    {
        _world.Referee.Sent(Node.Witness, envelope);
        _world.Network.Send(envelope);
    }

    private void CarryOut(Replica before, Step step)
    {
        Journal.Add(step);
        Send(step.Send);
        _timers.Set(step);
        Machine.Take(step.Apply);
        if (before.Role == Role.Leader && (!IsLeader || before.CurrentTerm != Replica.CurrentTerm))
            Desk.LoseLeadership();
        foreach (var effect in step.Effects)
            Perform(effect);
    }

    private void Perform(Effect effect)
    {
        switch (effect)
        {
            case Effect.Proposed proposed:
                Desk.Proposed(proposed);
                break;
            case Effect.ProposalRefused refused:
                Desk.Refused(refused);
                break;
            case Effect.LeadershipEstablished established:
                Machine.Establish(established);
                break;
            case Effect.ReadReady ready:
                Machine.Answer(ready);
                break;
            case Effect.ReadSnapshotChunk wanted:
                Chunks.Read(wanted);
                break;
            case Effect.StoreSnapshotChunk arrived:
                Chunks.Store(arrived.Chunk);
                break;
            case Effect.RestoreMachine restore:
                Snapshots.Abandon();
                Machine.Restore(restore.Meta.LastIncludedIndex);
                break;
        }
    }

    private void Send(ImmutableArray<Envelope> envelopes)
    {
        foreach (var envelope in envelopes)
            Send(envelope);
    }

    private void Do(Action<Life> deed)
    {
        if (_isOver)
            return;
        if (Node.PausedUntil > _world.Now)
            _world.Schedule.At(Node.PausedUntil, () => Do(deed));
        else
            deed(this);
    }

    private void Tell(Replica before, Input input, Step step)
    {
        var next = step.Next;
        _world.Trace.Mix(
            Node.Witness.Number,
            next.CurrentTerm.Value * 4 + (int)next.Role,
            next.CommitIndex.Value << 32 | next.Log.LastIndex.Value,
            step.Send.Length << 16 | step.SendWhenDurable.Length << 8 | step.Remember.Length);
        if (_world.Trace.IsHeard)
            Wording.TellStep(_world.Trace, Node.Id, before, input, step);
    }
}
