using System.Globalization;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;
using Xunit;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>Schedules by seed: RAFTQUEUE_SIM_SEEDS sets how many, RAFTQUEUE_SIM_FIRST_SEED where they begin.</summary>
public sealed class SimulationTests
{
    [Fact]
    public void Every_promise_is_kept_in_every_schedule()
    {
        var (first, count) = (Number("RAFTQUEUE_SIM_FIRST_SEED", 1), Number("RAFTQUEUE_SIM_SEEDS", 200));
        var faults = new FaultCounts();
        var confirmed = 0L;
        for (var seed = first; seed < first + count; seed++)
        {
            var result = SeededSchedule.Run((ulong)seed);
            Assert.True(
                result.Violation is null,
                $"seed {seed}: {result.Violation?.Message}\nreplay: dotnet run -c Release --project tests/RaftQueue.Simulation -- replay --seed {seed}");
            faults.Add(result.Faults);
            confirmed += result.Confirmed;
        }

        // A storm without wind proves nothing.
        Assert.True(confirmed > count, $"only {confirmed} sends were confirmed in {count} schedules");
        if (count >= 200)
            Assert.All(Enum.GetValues<Fault>(), fault => Assert.True(faults[fault] > 0, $"{fault} never happened in {count} schedules"));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(17)]
    [InlineData(42)]
    public void The_same_seed_gives_the_same_schedule(ulong seed)
    {
        var lines = new List<string>();
        var first = SeededSchedule.Run(seed);
        var second = SeededSchedule.Run(seed, listener: (at, who, text) => lines.Add($"{at} {who} {text}"));

        Assert.Equal(first.TraceHash, second.TraceHash);
        Assert.Equal(first.Events, second.Events);
        Assert.NotEmpty(lines);
    }

    [Fact]
    public void Another_seed_gives_another_schedule() =>
        Assert.Equal(20, Enumerable.Range(1, 20).Select(seed => SeededSchedule.Run((ulong)seed).TraceHash).Distinct().Count());

    private static long Number(string variable, long otherwise) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text
        ? long.Parse(text, CultureInfo.InvariantCulture)
        : otherwise;
}
