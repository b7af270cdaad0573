using System.Collections.Immutable;
using System.Runtime.InteropServices;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// One step in the making. The rules write here, in the order they think; <see cref="Build"/> checks what must hold and hands out the immutable <see cref="Step"/>.
/// </summary>
internal sealed class StepBuilder(Replica before, TimeSpan now)
{
    private readonly Replica _before = before;
    private ImmutableArray<IRaftEvent> _remember = [];
    private ImmutableArray<Envelope>.Builder? _send;
    private ImmutableArray<Envelope>.Builder? _sendWhenDurable;
    private ImmutableArray<Effect>.Builder? _effects;
    private ImmutableArray<Entry> _apply = [];
    private Progress[]? _peers;
    private (LogIndex From, ImmutableArray<Entry> Entries) _lastSlice = (LogIndex.Zero, []);

    public TimeSpan Now { get; } = now;

    public ReplicaIdentity Self => _before.Self;

    public RaftOptions Options => _before.Options;

    public Role Role { get; set; } = before.Role;

    public Memory Memory { get; private set; } = before.Memory;

    public LogIndex CommitIndex { get; private set; } = before.CommitIndex;

    public LogIndex LastApplied { get; private set; } = before.LastApplied;

    public NodeId? Leader { get; set; } = before.Leader;

    public TimeSpan LeaderHeard { get; set; } = before.LeaderHeard;

    public LogClock Clock { get; private set; } = before.Clock;

    public Candidacy? Candidacy { get; set; } = before.Candidacy;

    public Leadership? Leadership { get; private set; } = before.Leadership;

    public SnapshotReception? Reception { get; set; } = before.Reception;

    public RollCall? RollCall { get; set; } = before.RollCall;

    public bool KnowsOfGroup { get; set; } = before.KnowsOfGroup;

    public TimerChange ElectionTimer { get; set; }

    public TimerChange HeartbeatTimer { get; set; }

    public Term CurrentTerm => Memory.CurrentTerm;

    public Log Log => Memory.Log;

    /// <summary>The leader's state; only a leader's rules ask for it. Its peers are in <see cref="Peers"/>.</summary>
    public Leadership Lead
    {
        get => Leadership ?? throw new InvariantViolation($"{Self.Node} is {Role} and has no leader's state.");
        set => Leadership = value;
    }

    /// <summary>The leader's views of the other members.</summary>
    public ReadOnlySpan<Progress> Peers => _peers ?? Lead.Peers.AsSpan();

    /// <summary>What happened is to be remembered, and from here on is.</summary>
    public void Remember(IRaftEvent @event)
    {
        Memory = Memory.Apply(@event);
        // Entering a term and voting in it is one event: the later says all that the earlier said.
        var isSaidAgain = @event is Voted && _remember is [.., Voted];
        _remember = (isSaidAgain ? _remember.RemoveAt(_remember.Length - 1) : _remember).Add(@event);
    }

    public void Send(NodeId to, Incarnation incarnation, IPeerMessage message) =>
        (_send ??= ImmutableArray.CreateBuilder<Envelope>()).Add(Address(to, incarnation, message));

    /// <summary>Speak of what is remembered: when it is on disk.</summary>
    public void SendWhenDurable(NodeId to, Incarnation incarnation, IPeerMessage message) =>
        (_sendWhenDurable ??= ImmutableArray.CreateBuilder<Envelope>()).Add(Address(to, incarnation, message));

    public void Perform(Effect effect) => (_effects ??= ImmutableArray.CreateBuilder<Effect>()).Add(effect);

    /// <summary>
    /// All servers: what is committed is applied, in order (Figure 2). Where a newer machine version is in force than this server knows, it keeps the rest for the program
    /// that knows it. Returns what is to be applied.
    /// </summary>
    public ImmutableArray<Entry> CommitThrough(LogIndex index)
    {
        if (index < CommitIndex)
            throw new InvariantViolation($"The commit index never moves back: it is {CommitIndex}, not {index}.");
        CommitIndex = index;
        var applicable = LogIndex.Min(index, Log.LastIndexOfVersion(Options.MachineVersion));
        if (applicable <= LastApplied)
            return [];
        var committed = Log.Range(LastApplied.Next, applicable);
        _apply = _apply.IsEmpty ? committed : _apply.AddRange(committed);
        LastApplied = applicable;
        return committed;
    }

    /// <summary>The leader's snapshot takes the place of everything through its index.</summary>
    public void RestoreThrough(LogIndex index)
    {
        if (index <= CommitIndex)
            throw new InvariantViolation($"The commit index never moves back: it is {CommitIndex}, the snapshot's {index}.");
        CommitIndex = index;
        LastApplied = index;
    }

    /// <summary>The leader reads its clocks.</summary>
    /// <returns>The time of an entry that is appended now.</returns>
    public LogTime ReadClock(LogTime wall)
    {
        Clock = Clock.Advance(Now, wall, Log.LastStamp, Options);
        return Clock.At(Now);
    }

    /// <summary>The leader tells its log time.</summary>
    public void HearTime(LogTime leaderTime) => Clock = Clock.Follow(Now, CurrentTerm, leaderTime);

    public void SetPeer(int place, Progress peer) => (_peers ??= Lead.Peers.ToArray())[place] = peer;

    public void SetPeers(Progress[] peers) => _peers = peers;

    /// <summary>A new leader begins, or one ends.</summary>
    public void SetLeadership(Leadership? leadership)
    {
        Leadership = leadership;
        _peers = null;
    }

    /// <summary>The entries of one append. Members that are equally far share one array.</summary>
    public ImmutableArray<Entry> EntriesFrom(LogIndex from)
    {
        if (_lastSlice.From != from || _lastSlice.Entries.IsEmpty)
            _lastSlice = (from, Log.Slice(from, Options.MaxEntriesPerAppend, Options.MaxBytesPerAppend));
        return _lastSlice.Entries;
    }

    /// <summary>The log grew or changed: entries cut before it may be too few.</summary>
    public void ForgetSlice() => _lastSlice = (LogIndex.Zero, []);

    public Step Build()
    {
        var next = _before with
        {
            Role = Role,
            Memory = Memory,
            CommitIndex = CommitIndex,
            LastApplied = LastApplied,
            Leader = Leader,
            LeaderHeard = LeaderHeard,
            Clock = Clock,
            Candidacy = Candidacy,
            Leadership = Leadership is { } leadership && _peers is { } peers
                ? leadership with { Peers = ImmutableCollectionsMarshal.AsImmutableArray(peers) }
                : Leadership,
            Reception = Reception,
            RollCall = Log.IsBlank ? RollCall : null,
            KnowsOfGroup = Log.IsBlank && KnowsOfGroup,
        };
        Check(next);
        if (next.Leader != _before.Leader || next.CurrentTerm != _before.CurrentTerm)
            (_effects ??= ImmutableArray.CreateBuilder<Effect>()).Insert(0, new Effect.LeaderChanged(next.CurrentTerm, next.Leader));
        return new Step(next)
        {
            Remember = _remember,
            Send = _send?.DrainToImmutable() ?? [],
            SendWhenDurable = _sendWhenDurable?.DrainToImmutable() ?? [],
            Apply = _apply,
            Effects = _effects?.DrainToImmutable() ?? [],
            ElectionTimer = ElectionTimer,
            HeartbeatTimer = HeartbeatTimer,
        };
    }

    private static void Check(Replica next)
    {
        var last = next.Log.LastIndex;
        if (next.LastApplied > next.CommitIndex || next.CommitIndex > last)
            throw new InvariantViolation($"LastApplied <= CommitIndex <= LastIndex is broken: {next.LastApplied}, {next.CommitIndex}, {last}.");
        if ((next.Role == Role.Leader) != (next.Leadership is not null) || (next.Role == Role.Candidate) != (next.Candidacy is not null))
            throw new InvariantViolation($"The state of another role stays behind in a {next.Role}.");
    }

    private Envelope Address(NodeId to, Incarnation incarnation, IPeerMessage message) => new(Self.Node, Self.Incarnation, to, incarnation, message);
}
