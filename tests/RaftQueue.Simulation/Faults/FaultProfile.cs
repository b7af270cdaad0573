using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Simulation.Clients;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Network;

namespace RaftQueue.Simulation.Faults;

/// <summary>How harsh one schedule is: all of it drawn from its seed.</summary>
public sealed record FaultProfile
{
    /// <summary>What this schedule is mostly about.</summary>
    public Theme Theme { get; init; }

    /// <summary>How many nodes are to found the group, and how many more may be added.</summary>
    public int Nodes { get; init; } = 3;

    /// <inheritdoc cref="Nodes"/>
    public int Spares { get; init; }

    /// <summary>Whether the group is there already when the schedule begins; for schedules that are driven by hand.</summary>
    public bool IsFounded { get; init; }

    /// <summary>The servers start one after the other within this time.</summary>
    public TimeSpan StartWithin { get; init; }

    /// <summary>The newest machine version that anybody knows: where it is above 1, servers come to know it one by one.</summary>
    public int NewestVersion { get; init; } = 1;

    /// <summary>Options of the queue in which messages are delayed, expire, are grouped, limited and dead-lettered; null where there is no such queue.</summary>
    public QueueOptions? Demanding { get; init; }

    /// <summary>The average time between two linearizable reads.</summary>
    public TimeSpan ReadEvery { get; init; } = TimeSpan.FromMilliseconds(180);

    /// <summary>How long faults may happen; after it everything heals.</summary>
    public TimeSpan StormLength { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>The network during the storm.</summary>
    public NetworkWeather Weather { get; init; } = NetworkWeather.Still;

    /// <summary>The disks.</summary>
    public DiskWear Disk { get; init; } = DiskWear.None;

    /// <summary>The time between two deeds of the fault injector, on average; zero for a quiet schedule.</summary>
    public TimeSpan FaultEvery { get; init; }

    /// <summary>How likely each deed is chosen, relative to the others.</summary>
    public IReadOnlyDictionary<Fault, int> Weights { get; init; } = new Dictionary<Fault, int>();

    /// <summary>How far the nodes' wall clocks lie apart at most.</summary>
    public TimeSpan MaxSkew { get; init; }

    /// <summary>How much faster or slower than true time monotonic clocks run at most.</summary>
    public double MaxDrift { get; init; }

    /// <summary>When snapshots and checkpoints are taken, and what stays behind them.</summary>
    public RetentionSettings Retention { get; init; } = RetentionSettings.Default;

    /// <summary>How far applying lags behind committing at most.</summary>
    public TimeSpan MaxApplyLag { get; init; }

    /// <summary>How many clients of each kind there are.</summary>
    public int Producers { get; init; } = 1;

    /// <inheritdoc cref="Producers"/>
    public int Consumers { get; init; } = 1;

    /// <summary>The average time a producer waits between two sends.</summary>
    public TimeSpan ThinkTime { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>How likely an answer to a client gets lost.</summary>
    public double LoseReply { get; init; }

    /// <summary>The numbers that the rules go by. Small bounds, so that short schedules meet them.</summary>
    public RaftOptions Options { get; init; } = new() { MinElectionTimeout = TimeSpan.FromMilliseconds(150) };

    /// <summary>A leader speaks this often.</summary>
    public TimeSpan HeartbeatEvery { get; init; } = TimeSpan.FromMilliseconds(45);

    /// <summary>The profile of a seed. Some are quiet: what must hold in a storm must hold in calm weather as well.</summary>
    public static FaultProfile Draw(SeededRandom random, int? nodes = null)
    {
        var theme = random.Pick(Themes.Deck);
        var calm = new FaultProfile
        {
            Theme = theme,
            Nodes = nodes ?? (random.Chance(0.6) ? 3 : 5),
            Spares = random.Below(3),
            StormLength = TimeSpan.FromSeconds(random.Between(2, 6)),
            Retention = RetentionSettings.Draw(random),
            Producers = random.Between(1, 3),
            Consumers = random.Between(1, 3),
            ThinkTime = TimeSpan.FromMilliseconds(random.Between(15, 90)),
            Demanding = random.Chance(0.3) ? DemandingQueue.DrawOptions(random) : null,
            Options = DrawOptions(random),
        };
        return theme == Theme.Calm ? calm : Themes.Emphasize(calm.WithStorm(random), random);
    }

    private static RaftOptions DrawOptions(SeededRandom random)
    {
        var entries = random.Pick([1, 3, 16, 128]);
        return new RaftOptions
        {
            MinElectionTimeout = TimeSpan.FromMilliseconds(150),
            MaxEntriesPerAppend = entries,
            MaxBytesPerAppend = random.Pick([200, 2_000, 64 * 1024]),

            // One entry at a time and one append at a time carries less than the clients ask for: that would test patience only.
            MaxAppendsInFlight = entries == 1 ? 8 : random.Pick([1, 2, 8]),
            MaxUncommittedBytes = random.Pick([4_000L, 1_000_000L]),
            TransferTimeout = TimeSpan.FromMilliseconds(400),
            PromotionLag = random.Pick([0L, 5L, 50L]),
            MaxClockSlew = random.Pick([0.01, 0.5]),
            MaxClockStep = TimeSpan.FromSeconds(random.Pick([0, 1, 5])),
        };
    }

    private FaultProfile WithStorm(SeededRandom random) => this with
    {
        Weather = new NetworkWeather(
            TimeSpan.FromMilliseconds(0.1),
            TimeSpan.FromMilliseconds(random.Pick([1.0, 5.0, 20.0, 60.0])),
            random.Pick([0, 0.01, 0.05, 0.2]),
            random.Pick([0, 0.02, 0.2]),
            random.Pick([0, 0.01, 0.05]),
            TimeSpan.FromMilliseconds(random.Pick([200, 1_500]))),
        Disk = new DiskWear(
            TimeSpan.FromMilliseconds(0.1),
            TimeSpan.FromMilliseconds(random.Pick([0.5, 4.0, 30.0])),
            random.Pick([0, 0, 0.3]),
            random.Pick([0, 0.002, 0.01]),
            random.Pick([0, 0, 0.001, 0.004])),
        FaultEvery = TimeSpan.FromMilliseconds(random.Pick([60, 150, 400])),
        Weights = DrawWeights(random),
        MaxSkew = TimeSpan.FromMilliseconds(random.Pick([0, 50, 5_000, 10_000_000_000])),
        MaxDrift = random.Pick([0, 0.01, 0.05]),
        MaxApplyLag = TimeSpan.FromMilliseconds(random.Pick([0, 0, 10])),
        LoseReply = random.Pick([0, 0.05, 0.3]),
    };

    private static Dictionary<Fault, int> DrawWeights(SeededRandom random)
    {
        Fault[] deeds =
        [
            Fault.Crash, Fault.Partition, Fault.OneWayCut, Fault.Isolation, Fault.Pause, Fault.SlowDisk, Fault.ClockJump, Fault.RecordDamaged,
            Fault.DataWiped, Fault.MemberAdded, Fault.MemberRemoved, Fault.LeadershipTransfer, Fault.ConsumerVanished, Fault.SettingChanged,
        ];

        // Each schedule favours some faults and does without others: a soup of everything hides what two of them do together.
        return deeds.ToDictionary(deed => deed, deed => random.Pick([0, 1, 1, 4]));
    }
}

/// <summary>How the disks behave.</summary>
/// <param name="MinWrite">The shortest write.</param>
/// <param name="MaxWrite">The longest.</param>
/// <param name="LateReport">How likely the report of a finished write is overtaken by later ones.</param>
/// <param name="CrashAtPoint">How likely a node crashes at each persistence point.</param>
/// <param name="Failure">How likely a write fails.</param>
public sealed record DiskWear(TimeSpan MinWrite, TimeSpan MaxWrite, double LateReport, double CrashAtPoint, double Failure)
{
    /// <summary>Every write takes a millisecond and succeeds.</summary>
    public static readonly DiskWear None = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1), 0, 0, 0);
}
