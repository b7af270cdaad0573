namespace RaftQueue.Simulation.Faults;

/// <summary>The kinds of fault that a schedule can hold, and the changes that are made meanwhile.</summary>
public enum Fault
{
    MessageLost,
    MessageDuplicated,
    MessageDelayed,
    MessageEchoed,
    Partition,
    OneWayCut,
    Isolation,
    Minority,
    Crash,
    CrashAtPersistencePoint,
    UnsyncedWriteLost,
    WriteFailed,
    SlowDisk,
    RecordDamaged,
    DataWiped,
    Pause,
    ClockJump,
    MemberAdded,
    MemberRemoved,
    LeadershipTransfer,
    ConsumerVanished,
    ReplyLost,
    Upgrade,
    SettingChanged,
}

/// <summary>How often each fault happened.</summary>
public sealed class FaultCounts
{
    private readonly long[] _counts = new long[Enum.GetValues<Fault>().Length];

    /// <summary>How often this one did.</summary>
    public long this[Fault fault] => _counts[(int)fault];

    /// <summary>One more.</summary>
    public void Add(Fault fault) => _counts[(int)fault]++;

    /// <summary>Adds those of another schedule.</summary>
    public void Add(FaultCounts other)
    {
        for (var i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
    }
}
