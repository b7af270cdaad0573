using RaftQueue.Simulation.Mutations;
using Xunit;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>Each rule, broken on purpose, is caught: a checker that cannot fail checks nothing. <c>mutations</c> of the simulator looks for the seeds anew.</summary>
public sealed class MutationTests
{
    public static TheoryData<string> Names => [.. KnownSeeds.ByMutation.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_broken_rule_is_caught(string mutation) => Assert.True(
        Schedules.Showing(mutation).Violation is not null,
        $"seed {KnownSeeds.ByMutation[mutation]} does not show {mutation} any more; look for another by: dotnet run -c Release --project tests/RaftQueue.Simulation -- mutations");

    [Fact]
    public void Every_mutation_has_a_known_seed() =>
        Assert.Equal(Catalogue.All.Select(mutation => mutation.Name).Order(), KnownSeeds.ByMutation.Keys.Order());

    [Fact]
    public void Every_known_seed_is_among_the_first_ten_thousand() => Assert.All(KnownSeeds.ByMutation.Values, seed => Assert.InRange(seed, 1UL, 10_000UL));
}
