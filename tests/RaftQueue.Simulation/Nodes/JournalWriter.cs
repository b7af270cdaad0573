using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Storage;

namespace RaftQueue.Simulation.Nodes;

/// <summary>
/// One write at a time; what comes meanwhile goes together into the next (group commit). Messages that speak of a write leave when it, and all before it, are on
/// disk. That a write is on disk and that the node hears of it are two events: it can die between them.
/// </summary>
public sealed class JournalWriter(Life life, World world)
{
    private readonly List<Write> _unreported = [];
    private Write? _inFlight;
    private long _bytesSinceCheckpoint;
    private Write _next = new();

    /// <summary>Takes what a step remembers, and what it says once that is durable.</summary>
    public void Add(Step step)
    {
        if (!step.Remember.IsEmpty)
        {
            _next.Events.AddRange(step.Remember);
            _next.Mark = step.Next.Mark;
            _next.Memory = step.Next.Memory;
        }

        if (!step.SendWhenDurable.IsEmpty)
            Speak(step.SendWhenDurable);
        StartWrite();
    }

    /// <summary>The node dies: a write on its way has reached the disk or has not.</summary>
    public void CutShort()
    {
        if (_inFlight is null)
            return;
        if (world.Random.Chance(0.5))
            Persist(_inFlight);
        else
            world.Faults.Add(Fault.UnsyncedWriteLost);
        _inFlight = null;
    }

    private void Speak(IEnumerable<Envelope> envelopes)
    {
        if (_next.Events.Count > 0)
            _next.Speech.AddRange(envelopes);
        else if (_unreported.Count > 0)
            _unreported[^1].Speech.AddRange(envelopes);
        else
        {
            foreach (var envelope in envelopes)
                life.Send(envelope);
        }
    }

    private void StartWrite()
    {
        if (_inFlight is not null || _next.Events.Count == 0)
            return;
        var write = _inFlight = _next;
        _next = new Write();
        _unreported.Add(write);
        life.Soon(world.DrawWrite(), _ => Finish(write));
    }

    private void Finish(Write write)
    {
        if (life.Node.MayCrashAt("before its journal write was on disk"))
            return;
        if (world.Random.Chance(world.Disk.Failure))
        {
            // Whether a failed write is there after all nobody can tell; CutShort draws it.
            world.Faults.Add(Fault.WriteFailed);
            life.Node.Crash("a journal write failed");
            return;
        }

        _inFlight = null;
        Persist(write);
        if (life.Node.MayCrashAt("after its journal write was on disk, before it heard of it"))
            return;
        StartWrite();
        var delay = world.Random.Chance(world.Disk.LateReport) ? world.DrawWrite() + world.DrawWrite() : TimeSpan.Zero;
        life.Soon(delay, _ => Report(write));
    }

    private void Persist(Write write)
    {
        life.Node.Disk.Append(new JournalRecord([.. write.Events]));
        world.Referee.Persisted(life.Node.Witness, write.Events);
        _bytesSinceCheckpoint += write.Events.OfType<EntriesAppended>().Sum(appended => appended.Entries.Sum(entry => (long)entry.Weight));
        if (write.Events.Exists(happened => happened is LogCompacted or SnapshotInstalled))
            Compacted(write.Memory);
    }

    private void Compacted(Memory memory)
    {
        life.Snapshots.Prune(memory.Log.FirstIndex.Previous);
        if (!Retention.IsCheckpointDue(_bytesSinceCheckpoint, world.Profile.Retention.CheckpointBytes))
            return;
        _bytesSinceCheckpoint = 0;
        life.Node.Disk.SaveCheckpoint(memory);
    }

    private void Report(Write write)
    {
        _unreported.Remove(write);
        foreach (var envelope in write.Speech)
            life.Send(envelope);
        life.Hear(new Input.Written(write.Mark));
    }

    private sealed class Write
    {
        public List<IRaftEvent> Events { get; } = [];

        public List<Envelope> Speech { get; } = [];

        public WriteMark Mark { get; set; }

        public Memory Memory { get; set; } = Memory.Empty;
    }
}
