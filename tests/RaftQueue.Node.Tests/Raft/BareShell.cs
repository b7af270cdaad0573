using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Wire;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>
/// The least that can run a replica: the rules, two timers, a journal that finishes when it is told to. What it does is what <see cref="RaftActor"/> may do and no more.
/// </summary>
internal sealed class BareShell(ReplicaIdentity self, Memory memory, RaftSettings settings, Func<double> random, TimeSpan now)
{
    private readonly Queue<ReadOnlyMemory<byte>> _pending = new();
    private readonly Queue<(long Number, WriteMark Mark, ImmutableArray<Envelope> ThenSend)> _writes = new();
    private readonly List<string> _told = [];
    private readonly TimeSpan _started = now;
    private long _pendingBytes;
    private long _remembering;
    private long _reads;
    private long _requests;

    public Replica Replica { get; private set; } = Replica.Wake(self, settings.Rules, memory, TimeSpan.Zero);

    public TimeSpan ElectionDue { get; private set; } = now + Draw(settings, random);

    public TimeSpan HeartbeatDue { get; private set; } = TimeSpan.MaxValue;

    public TimeSpan NextDue => ElectionDue < HeartbeatDue ? ElectionDue : HeartbeatDue;

    public int Writes => _writes.Count;

    /// <summary>Messages on their way to others, taken out by the schedule.</summary>
    public List<Envelope> Outbox { get; } = [];

    public List<Effect> SnapshotWork { get; } = [];

    /// <summary>All that was told to the neighbours since last asked, as text and in order for each of them.</summary>
    public IReadOnlyList<string> TakeTold()
    {
        var told = _told.ToList();
        _told.Clear();
        return told;
    }

    public void FireDue(TimeSpan now)
    {
        if (ElectionDue <= now)
        {
            ElectionDue = TimeSpan.MaxValue;
            Obey(new Input.ElectionTimeout(), now);
        }

        if (HeartbeatDue <= now)
        {
            HeartbeatDue += settings.HeartbeatInterval;
            if (Replica.Role == Role.Leader)
                Obey(new Input.Heartbeat(new LogTime(WallClockOf(now))), now);
        }
    }

    public void Obey(Input input, TimeSpan now)
    {
        Take(input, now);
        ProposeBatch(now);
    }

    /// <summary>So many of the writes in flight are finished together.</summary>
    public Remembered FinishWrites(int count, TimeSpan now)
    {
        (long Number, WriteMark Mark, ImmutableArray<Envelope> ThenSend) last = default;
        for (; count > 0; count--)
        {
            last = _writes.Dequeue();
            Outbox.AddRange(last.ThenSend);
        }

        Obey(new Input.Written(last.Mark), now);
        return new Remembered(last.Number, last.Mark);
    }

    public void Propose(ReadOnlyMemory<byte> payload, TimeSpan now)
    {
        if (Replica.Role != Role.Leader || _pendingBytes + payload.Length > settings.MaxPendingBytes)
            return;
        _pending.Enqueue(payload);
        _pendingBytes += payload.Length;
        ProposeBatch(now);
    }

    public void Read(TimeSpan now)
    {
        if (Replica.Role == Role.Leader)
            Obey(new Input.Read(++_reads), now);
    }

    public void HandOver(TimeSpan now)
    {
        if (Replica.Role == Role.Leader)
            Obey(new Input.Transfer(++_requests, null), now);
    }

    public void Compact(LogIndex index, TimeSpan now)
    {
        if (index > Replica.Log.Snapshot.LastIncludedIndex)
            Obey(new Input.SnapshotStored(Replica.Log.MetaAt(index), index), now);
    }

    private static TimeSpan Draw(RaftSettings settings, Func<double> random) =>
        settings.MinElectionTimeout + (settings.MaxElectionTimeout - settings.MinElectionTimeout) * random();

    private void ProposeBatch(TimeSpan now)
    {
        if (_pending.Count == 0 || Replica is not { Role: Role.Leader, Leadership.Handover: null } || _writes.Count > 0)
            return;
        var batch = new List<ReadOnlyMemory<byte>>();
        long bytes = 0;
        while (_pending.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Length <= settings.MaxBatchBytes))
        {
            batch.Add(_pending.Dequeue());
            bytes += next.Length;
        }

        _pendingBytes -= bytes;
        Take(new Input.Propose([.. batch], new LogTime(WallClockOf(now))), now);
    }

    private static long WallClockOf(TimeSpan now) => LogTime.From(new DateTimeOffset(now.Ticks, TimeSpan.Zero)).Milliseconds;

    private void Take(Input input, TimeSpan now)
    {
        var step = Rules.Step(Replica, input, now - _started);
        Replica = step.Next;
        if (!step.Remember.IsEmpty || !step.SendWhenDurable.IsEmpty)
        {
            _writes.Enqueue((++_remembering, step.Next.Mark, step.SendWhenDurable));
            _told.Add(Telling.Journal(_remembering, step.Remember, step.Next.Mark, step.SendWhenDurable));
        }

        Outbox.AddRange(step.Send);
        _told.AddRange(step.Send.Select(Telling.Peers));
        if (!step.Apply.IsEmpty)
            _told.Add(Telling.Queue(step.Apply));
        foreach (var effect in step.Effects)
            Perform(effect);
        Set(step, now);
    }

    private void Perform(Effect effect)
    {
        if (effect is Effect.LeaderChanged && Replica.Role != Role.Leader)
        {
            _pending.Clear();
            _pendingBytes = 0;
        }

        if (effect is Effect.ReadSnapshotChunk or Effect.StoreSnapshotChunk)
        {
            SnapshotWork.Add(effect);
            _told.Add(Telling.Snapshots(effect));
        }

        if (Telling.Queue(effect, Replica.Role) is { } toQueue)
            _told.Add(toQueue);
    }

    private void Set(Step step, TimeSpan now)
    {
        if (step.ElectionTimer == TimerChange.Restart)
            ElectionDue = now + Draw(settings, random);
        else if (step.ElectionTimer == TimerChange.Hasten)
            ElectionDue = now + settings.LostLeaderTimeout * random();
        else if (step.ElectionTimer == TimerChange.Stop)
            ElectionDue = TimeSpan.MaxValue;
        if (step.HeartbeatTimer == TimerChange.Restart)
            HeartbeatDue = now + settings.HeartbeatInterval;
        else if (step.HeartbeatTimer == TimerChange.Stop)
            HeartbeatDue = TimeSpan.MaxValue;
    }
}

/// <summary>What a replica tells its neighbours, as text that compares.</summary>
internal static class Telling
{
    public static string Journal(long number, IEnumerable<IRaftEvent> events, WriteMark mark, IEnumerable<Envelope> thenSend) =>
        $"journal {number}: {ValueText.Of(events)} then {ValueText.Of(thenSend)} at {ValueText.Of(mark)}";

    public static string Peers(Envelope envelope) => $"peers {ValueText.Of(envelope)}";

    public static string Snapshots(Effect effect) => $"snapshots {ValueText.Of(effect)}";

    public static string Queue(IEnumerable<Entry> committed) => $"queue applies {ValueText.Of(committed)}";

    public static string? Queue(Effect effect, Role role) => effect switch
    {
        Effect.Proposed proposed => $"queue expects {proposed.Count} from {proposed.FirstIndex}",
        Effect.ReadReady => "queue answers a read",
        Effect.LeadershipEstablished established => $"queue leads in {established.Term}",
        Effect.LeaderChanged when role != Role.Leader => "queue leads no longer",
        Effect.RestoreMachine restore => $"queue restores {ValueText.Of(restore.Meta)}",
        _ => null,
    };

    public static string StateOf(Replica replica) =>
        $"{ValueText.Of(replica)} log {replica.Log.FirstIndex}..{replica.Log.LastIndex} of {replica.Log.LastTerm} after {ValueText.Of(replica.Log.Snapshot)}";
}
