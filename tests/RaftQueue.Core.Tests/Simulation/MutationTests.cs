using RaftQueue.Simulation.Mutations;
using Xunit;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>Each rule, broken on purpose, is caught: a checker that cannot fail checks nothing. <c>mutations</c> of the simulator looks for the seeds anew.</summary>
public sealed class MutationTests
{
    public static TheoryData<string, ulong> KnownSeeds => new()
    {
        { "SecondVote", 3 },
    };

    [Theory]
    [MemberData(nameof(KnownSeeds))]
    public void A_broken_rule_is_caught(string mutation, ulong seed) => Assert.True(
        Catalogue.Catch(Catalogue.Find(mutation)!, seed, most: 1) is not null,
        $"seed {seed} does not show {mutation} any more; look for another by: dotnet run -c Release --project tests/RaftQueue.Simulation -- mutations");

    [Fact]
    public void Every_mutation_has_a_known_seed() =>
        Assert.Equal(Catalogue.All.Select(mutation => mutation.Name).Order(), KnownSeeds.Select(row => (string)row[0]).Order());
}
