using RaftQueue.Simulation.Engine;

namespace RaftQueue.Simulation.Faults;

/// <summary>What a schedule is mostly about. A soup of everything seldom holds the few things together that a rare chain of events needs.</summary>
public enum Theme
{
    /// <summary>Nothing fails.</summary>
    Calm,

    /// <summary>Anything may fail; each schedule favours some faults.</summary>
    Storm,

    /// <summary>Servers start one after the other, and lose their data before, while and after the group is founded.</summary>
    Founding,

    /// <summary>The same servers lead again and again, while appends and answers of their earlier terms still come in; and many read.</summary>
    Echoes,

    /// <summary>Servers learn a newer machine version one by one.</summary>
    Upgrade,
}

/// <summary>How each theme bends a storm.</summary>
internal static class Themes
{
    /// <summary>From which a seed draws.</summary>
    public static IReadOnlyList<Theme> Deck { get; } =
    [
        Theme.Calm, Theme.Calm,
        .. Enumerable.Repeat(Theme.Storm, 9),
        Theme.Founding, Theme.Founding,
        Theme.Echoes, Theme.Echoes,
        Theme.Upgrade,
    ];

    /// <summary>The storm, bent to its theme.</summary>
    public static FaultProfile Emphasize(FaultProfile storm, SeededRandom random) => storm.Theme switch
    {
        Theme.Founding => storm with
        {
            StormLength = TimeSpan.FromSeconds(random.Between(1, 4)),
            StartWithin = TimeSpan.FromMilliseconds(random.Pick([300, 1_000, 3_000])),
            FaultEvery = TimeSpan.FromMilliseconds(60),
            Weights = Weighing((Fault.DataWiped, 4), (Fault.Isolation, 3), (Fault.Partition, 2), (Fault.Crash, 2), (Fault.Pause, 1)),
        },
        Theme.Echoes => storm with
        {
            Spares = 0,
            StormLength = TimeSpan.FromSeconds(5),
            Weather = storm.Weather with
            {
                MaxDelay = TimeSpan.FromMilliseconds(random.Pick([5.0, 20.0])),
                Drop = 0,
                Duplicate = 0,
                Echo = random.Pick([0.5, 0.7]),
                MaxEcho = TimeSpan.FromMilliseconds(random.Pick([800, 2_000])),
            },
            FaultEvery = TimeSpan.FromMilliseconds(300),
            Weights = Weighing((Fault.Minority, 4), (Fault.LeadershipTransfer, 4), (Fault.Pause, 2), (Fault.Isolation, 2)),
            ThinkTime = TimeSpan.FromMilliseconds(8),
            Producers = 3,
            ReadEvery = TimeSpan.FromMilliseconds(25),
        },
        Theme.Upgrade => storm with
        {
            NewestVersion = random.Between(2, 3),
            Weights = new Dictionary<Fault, int>(storm.Weights) { [Fault.Upgrade] = 4 },
        },
        _ => storm,
    };

    private static Dictionary<Fault, int> Weighing(params (Fault Deed, int Weight)[] weights) => weights.ToDictionary(weight => weight.Deed, weight => weight.Weight);
}
