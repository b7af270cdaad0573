using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Core.Tests.Raft.Rig;

/// <summary>One server of a <see cref="Cluster"/>: a shell around the rules with a disk that can be slow, and a machine that keeps what it is handed.</summary>
internal sealed class Server(Cluster cluster, NodeId node)
{
    private readonly List<IRaftEvent> _journal = [];
    private readonly Queue<PendingWrite> _writes = [];
    private readonly Dictionary<SnapshotMeta, byte[]> _snapshots = [];
    private readonly List<byte> _incoming = [];

    public NodeId Node { get; } = node;

    public Incarnation Incarnation { get; private set; }

    public Replica Replica { get; private set; } = null!;

    /// <summary>What the machine was handed since it last started or was restored, in order.</summary>
    public List<Entry> Applied { get; } = [];

    /// <summary>The machine's state: every command it has applied, also by way of a snapshot.</summary>
    public List<string> Machine { get; } = [];

    public List<Effect> Effects { get; } = [];

    /// <summary>The last step, as the rules gave it.</summary>
    public Step? Last { get; private set; }

    public bool IsUp { get; private set; }

    /// <summary>While set, writes stay unfinished until <see cref="CompleteWrite"/>.</summary>
    public bool HoldsWrites { get; set; }

    public int PendingWrites => _writes.Count;

    public TimeSpan? ElectionDue { get; private set; }

    public TimeSpan? HeartbeatDue { get; private set; }

    public RaftOptions Options { get; set; } = new();

    public IEnumerable<IRaftEvent> Journal => _journal;

    /// <summary>Empty data: a new life, unless the test says which.</summary>
    public void Format(Incarnation? life = null)
    {
        _journal.Clear();
        _snapshots.Clear();
        Incarnation = life ?? new Incarnation(new Guid(MD5.HashData(Encoding.UTF8.GetBytes($"{Node}/{cluster.NextLife()}"))));
    }

    public void Start(IEnumerable<IRaftEvent>? journal = null)
    {
        _journal.AddRange(journal ?? []);
        var memory = _journal.Aggregate(Memory.Empty, (known, @event) => known.Apply(@event));
        Replica = Replica.Wake(new ReplicaIdentity(cluster.Group, Node, Incarnation), Options, memory, cluster.Now);
        Machine.Clear();
        if (memory.Log.Snapshot.LastIncludedIndex > LogIndex.Zero)
            Restore(memory.Log.Snapshot);
        Applied.Clear();
        Effects.Clear();
        IsUp = true;
        HeartbeatDue = null;
        ElectionDue = cluster.Now + cluster.DrawElectionTimeout();
    }

    /// <summary>The process dies; writes that had not finished are lost.</summary>
    public void Crash()
    {
        IsUp = false;
        _writes.Clear();
        _incoming.Clear();
        HoldsWrites = false;
        ElectionDue = null;
        HeartbeatDue = null;
    }

    public Step Take(Input input)
    {
        if (input is Input.ElectionTimeout)
            ElectionDue = null;
        var step = Rules.Step(Replica, input, cluster.Now);
        cluster.Witness.Stepped(this, Replica, step);
        Last = step;
        Replica = step.Next;
        SetTimers(step);
        _writes.Enqueue(new PendingWrite(step.Remember, step.Next.Mark, step.SendWhenDurable));
        foreach (var envelope in step.Send)
            cluster.Post(envelope);
        foreach (var entry in step.Apply)
            Apply(entry);
        Effects.AddRange(step.Effects);
        if (!HoldsWrites)
            CompleteWrites();
        foreach (var effect in step.Effects)
            Perform(effect);
        return step;
    }

    /// <summary>The oldest unfinished write reaches the disk. Steps without events need no write of their own.</summary>
    public void CompleteWrite()
    {
        var write = _writes.Dequeue();
        _journal.AddRange(write.Events);
        foreach (var envelope in write.WhenDurable)
            cluster.Post(envelope);
        if (!write.Events.IsEmpty)
            Take(new Input.Written(write.Mark));
    }

    public void CompleteWrites()
    {
        while (_writes.Count > 0)
            CompleteWrite();
    }

    /// <summary>Takes a snapshot of the machine and lets the log through <paramref name="compactThrough"/> go.</summary>
    public void TakeSnapshot(LogIndex? compactThrough = null)
    {
        var meta = Replica.Log.MetaAt(Replica.LastApplied);
        _snapshots[meta] = Encoding.UTF8.GetBytes(string.Join('\n', Machine));
        Take(new Input.SnapshotStored(meta, compactThrough ?? meta.LastIncludedIndex));
    }

    private void SetTimers(Step step)
    {
        ElectionDue = step.ElectionTimer switch
        {
            TimerChange.Restart => cluster.Now + cluster.DrawElectionTimeout(),
            TimerChange.Hasten => cluster.Now + cluster.DrawElectionTimeout() / 4,
            TimerChange.Stop => null,
            _ => ElectionDue,
        };
        HeartbeatDue = step.HeartbeatTimer switch
        {
            TimerChange.Restart => cluster.Now + Cluster.HeartbeatInterval,
            TimerChange.Stop => null,
            _ => HeartbeatDue,
        };
    }

    /// <summary>The heartbeat timer goes on by itself.</summary>
    public void Beat()
    {
        HeartbeatDue = cluster.Now + Cluster.HeartbeatInterval;
        Take(new Input.Heartbeat());
    }

    private void Apply(Entry entry)
    {
        Applied.Add(entry);
        if (entry.Kind == EntryKind.Command)
            Machine.Add(Encoding.UTF8.GetString(entry.Payload.Span));
        cluster.Witness.Applied(this, entry);
    }

    private void Perform(Effect effect)
    {
        switch (effect)
        {
            case Effect.ReadSnapshotChunk read:
                var bytes = _snapshots[read.Meta];
                var data = bytes.AsMemory(read.Cursor.Offset, Math.Min(Cluster.ChunkBytes, bytes.Length - read.Cursor.Offset));
                Take(new Input.SnapshotChunkRead(read.To, read.Meta, read.Cursor, bytes.Length, data));
                break;
            case Effect.StoreSnapshotChunk store:
                Store(store.Chunk);
                break;
            case Effect.RestoreMachine restore:
                Restore(restore.Meta);
                break;
            default:
                break; // kept in Effects for the test to look at
        }
    }

    private void Store(InstallSnapshot chunk)
    {
        if (chunk.Cursor.Offset == 0)
            _incoming.Clear();
        if (chunk.Cursor.Offset == _incoming.Count)
            _incoming.AddRange(chunk.Data.ToArray());
        var isWhole = _incoming.Count == chunk.PieceLength;
        if (isWhole)
            _snapshots[chunk.Meta] = [.. _incoming];
        Take(new Input.SnapshotChunkStored(chunk.Meta, isWhole ? null : new SnapshotCursor(0, _incoming.Count), ""));
    }

    private void Restore(SnapshotMeta meta)
    {
        Machine.Clear();
        Machine.AddRange(Encoding.UTF8.GetString(_snapshots[meta]).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private sealed record PendingWrite(ImmutableArray<IRaftEvent> Events, WriteMark Mark, ImmutableArray<Envelope> WhenDurable);
}
