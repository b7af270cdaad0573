using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Queue;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Raft;

/// <summary>Who a <see cref="RaftActor"/> works with.</summary>
/// <param name="Journal">Its parent, which remembers.</param>
/// <param name="Peers">The way out to other nodes.</param>
/// <param name="Queue">Applies what is committed.</param>
/// <param name="Snapshots">Keeps snapshots.</param>
/// <param name="Gateway">Tells clients who leads.</param>
/// <param name="Node">Makes known that this replica is there.</param>
internal sealed record RaftNeighbours(
    IActorRef Journal, IActorRef Peers, IActorRef Queue, IActorRef Snapshots, IActorRef Gateway, IActorRef Node);

/// <summary>
/// One replica of a group: Raft's roles as the states of an FSM. The states say what a role hears; what it does about it is in <see cref="Rules"/>. The actor only
/// carries out the steps: remember, send, apply, set timers (P1 to P3).
/// </summary>
internal sealed partial class RaftActor : FSM<Role, Replica>
{
    private const string ElectionTimer = "election";
    private const string HeartbeatTimer = "heartbeat";

    private readonly RaftNeighbours _neighbours;
    private readonly RaftSettings _settings;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly ThrottledLog _throttled;
    private readonly long _started;
    private ImmutableDictionary<NodeId, KnownNode> _directory = ImmutableDictionary<NodeId, KnownNode>.Empty;
    private long _remembering;
    private long _remembered;

    /// <param name="self">Who this replica is.</param>
    /// <param name="memory">What its journal remembered.</param>
    /// <param name="settings">How the group runs.</param>
    /// <param name="neighbours">Who it works with.</param>
    /// <param name="time">
    /// The clocks: the monotonic one by which leaders are missed, and the wall clock that log time is slewed towards.
    /// </param>
    /// <param name="random">Draws from [0, 1): the election timeouts are randomized (§5.2).</param>
    public RaftActor(ReplicaIdentity self, Memory memory, RaftSettings settings, RaftNeighbours neighbours, TimeProvider time, Func<double> random)
    {
        _settings = settings;
        _pending = new PendingCommands(settings.MaxPendingBytes, settings.MaxBatchBytes, MaxPendingCommands);
        _neighbours = neighbours;
        _time = time;
        _throttled = new ThrottledLog(_log, time);
        _started = time.GetTimestamp();
        _random = random;
        var myself = Self;
        _patience = time.CreateTimer(_ => myself.Tell(PatienceOver.Instance), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        _applied = memory.Log.Snapshot.LastIncludedIndex;
        StartWith(Role.Follower, Replica.Wake(self, settings.Rules, memory, Now));

        When(Role.Follower, message => message.FsmEvent switch
        {
            IClientWork work => Redirect(work),
            HandOver => AlreadyHandedOver(),
            _ => null!, // what every role hears
        });

        When(Role.Candidate, message => message.FsmEvent switch
        {
            IClientWork work => Redirect(work),
            HandOver => AlreadyHandedOver(),
            _ => null!,
        });

        When(Role.Leader, message => message.FsmEvent switch
        {
            ProposeCommand proposal => Propose(proposal),
            AskQuery query => Read(query),
            AskAdmin admin => Administer(admin),
            Input.Heartbeat => Obey(new Input.Heartbeat(WallClock)),
            HandOver => StartHandOver(),
            _ => null!,
        });

        WhenUnhandled(message => message.FsmEvent switch
        {
            Envelope envelope => Obey(new Input.Received(envelope)),
            Remembered remembered => Written(remembered),
            Input.Heartbeat => Stay(), // one that was on its way when this leader stepped down
            Input input => Obey(input),
            MachineSaved saved => Compact(saved),
            AppliedThrough applied => Note(applied),
            LeaderWaitDue => ReportWait(),
            DirectoryChanged changed => Learn(changed),
            PatienceOver => LosePatience(),
            _ => Ignore(message.FsmEvent),
        });

        OnTransition((from, to) =>
        {
            if (from != to)
                _log.Info("Group {0}: {1} becomes {2} in term {3}", self.Group, from, to, NextStateData.Memory.CurrentTerm);
            if (to == Role.Candidate)
                GiveUpSuccessor();
        });

        Initialize();
    }

    private TimeSpan Now => _time.GetElapsedTime(_started);

    private LogTime WallClock => LogTime.From(_time.GetUtcNow());

    /// <inheritdoc />
    protected override void PreStart()
    {
        base.PreStart();
        RestartElectionTimer();
        WatchForLeader();
        _neighbours.Node.Tell(new GroupStarted(StateData.Self.Group, Self, _neighbours.Queue));
    }

    /// <inheritdoc />
    protected override void PostStop()
    {
        _patience.Dispose();
        base.PostStop();
    }

    /// <inheritdoc />
    protected override bool AroundReceive(Akka.Actor.Receive receive, object message)
    {
        if (message is IClientWork { Lane: { } lane } work)
            lane.Leave(work.Weight);
        return base.AroundReceive(receive, message);
    }

    // The one door to the rules: every state handler that changes the replica comes through here.
    private State<Role, Replica> Obey(Input input)
    {
        var replica = Take(StateData, input);
        if (MayPropose(replica))
            replica = Take(replica, NextBatch());
        return replica.Role == StateName ? Stay().Using(replica) : GoTo(replica.Role).Using(replica);
    }

    private Replica Take(Replica replica, Input input)
    {
        var step = Rules.Step(replica, input, Now);
        CarryOut(step);
        Watch(step.Next);
        return step.Next;
    }

    private void CarryOut(Step step)
    {
        if (!step.Remember.IsEmpty || !step.SendWhenDurable.IsEmpty)
        {
            _neighbours.Journal.Tell(
                new Remember(++_remembering, step.Remember, step.Next.Mark, step.Next.Memory, step.SendWhenDurable));
        }

        foreach (var envelope in step.Send)
            _neighbours.Peers.Tell(envelope);
        if (!step.Apply.IsEmpty)
            _neighbours.Queue.Tell(new Committed(step.Apply));
        foreach (var effect in step.Effects)
            Perform(effect, step.Next);
        Set(step.ElectionTimer, step.HeartbeatTimer);
    }

    private void Perform(Effect effect, Replica replica)
    {
        switch (effect)
        {
            case Effect.Proposed proposed:
                Announce(proposed);
                break;
            case Effect.ProposalRefused refused:
                RefuseBatch(refused, replica);
                break;
            case Effect.ReadReady ready:
                AnswerRead(ready, replica);
                break;
            case Effect.ReadRefused refused:
                RefuseRead(refused, replica);
                break;
            case Effect.RequestEnded ended:
                EndRequest(ended, replica);
                break;
            case Effect.LeaderChanged changed:
                FollowLeader(changed, replica);
                break;
            case Effect.LeadershipEstablished established:
                _neighbours.Queue.Tell(new StartLeading(established.Term));
                break;
            case Effect.ReadSnapshotChunk or Effect.StoreSnapshotChunk:
                _neighbours.Snapshots.Tell(effect);
                break;
            case Effect.SnapshotRefused refused:
                _throttled.Warning(
                    "snapshot", refused.Member.Value, $"Group {replica.Self.Group}: {refused.Member} cannot take the leader's snapshot: {refused.Reason}");
                break;
            case Effect.MessageRefused refused:
                _throttled.Warning(
                    "unlawful",
                    refused.From.Value,
                    $"Group {replica.Self.Group}: a message in the name of {refused.From} that no lawful node can have sent was ignored: "
                    + $"{refused.Reason}. Look for who else reaches this node's port, and at the data of {refused.From}.");
                break;
            case Effect.RestoreMachine restore:
                _neighbours.Queue.Tell(new RestoreMachine(restore.Meta));
                break;
            case Effect.Founded founded:
                _log.Info("Group {0}: founded with the members {1}", replica.Self.Group, founded.Members);
                break;
            case Effect.Removed:
                _log.Warning("Group {0}: this node has been removed from the group and takes no further part in it", replica.Self.Group);
                break;
            default:
                throw new InvalidOperationException($"No way to perform {effect}.");
        }
    }

    private void Set(TimerChange election, TimerChange heartbeat)
    {
        if (election == TimerChange.Restart)
            RestartElectionTimer();
        else if (election == TimerChange.Hasten)
            SetTimer(ElectionTimer, new Input.ElectionTimeout(), _settings.LostLeaderTimeout * _random(), repeat: false);
        else if (election == TimerChange.Stop)
            CancelTimer(ElectionTimer);

        if (heartbeat == TimerChange.Restart)
            SetTimer(HeartbeatTimer, new Input.Heartbeat(), _settings.HeartbeatInterval, repeat: true);
        else if (heartbeat == TimerChange.Stop)
            CancelTimer(HeartbeatTimer);
    }

    private void RestartElectionTimer()
    {
        var span = _settings.MaxElectionTimeout - _settings.MinElectionTimeout;
        SetTimer(ElectionTimer, new Input.ElectionTimeout(), _settings.MinElectionTimeout + span * _random(), repeat: false);
    }

    private State<Role, Replica> Written(Remembered remembered)
    {
        _remembered = remembered.Number;
        return Obey(new Input.Written(remembered.Mark));
    }

    private State<Role, Replica> Learn(DirectoryChanged changed)
    {
        _directory = changed.Nodes;
        // A founder calls the roll again: whom it waits for may be there by now.
        return StateData is { RollCall: not null, Leader: null } ? Obey(new Input.ElectionTimeout()) : Stay();
    }

    private State<Role, Replica> Ignore(object message)
    {
        var kind = message.GetType().Name;
        _throttled.Warning("unexpected", kind, $"Group {StateData.Self.Group}: a {StateName} does not expect {kind}");
        return Stay();
    }
}
