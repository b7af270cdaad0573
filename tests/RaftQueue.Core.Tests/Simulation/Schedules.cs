using System.Collections.Concurrent;
using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Mutations;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>Schedules that several tests look at; each is run once.</summary>
internal static class Schedules
{
    private static readonly ConcurrentDictionary<(ulong Seed, string Mutation), Lazy<SeedResult>> s_run = new();

    /// <summary>The schedule of a seed.</summary>
    public static SeedResult Of(ulong seed) => Run(seed, Mutation.None);

    /// <summary>The schedule by which this mutation is known to be caught.</summary>
    public static SeedResult Showing(string mutation) => Run(KnownSeeds.ByMutation[mutation], Catalogue.Find(mutation)!);

    private static SeedResult Run(ulong seed, Mutation rules) =>
        s_run.GetOrAdd((seed, rules.Name), key => new Lazy<SeedResult>(() => SeededSchedule.Run(key.Seed, rules: rules))).Value;
}
