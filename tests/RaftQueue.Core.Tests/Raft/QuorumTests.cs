using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

public sealed class QuorumTests
{
    [Theory]
    [InlineData(new long[] { 7 }, 7)]
    [InlineData(new long[] { 9, 3 }, 3)]
    [InlineData(new long[] { 9, 3, 5 }, 5)]
    [InlineData(new long[] { 9, 3, 5, 7 }, 5)]
    [InlineData(new long[] { 1, 9, 3, 5, 7 }, 5)]
    public void What_a_majority_has_reached_is_the_largest_value_that_more_than_half_have(long[] values, long reached) =>
        Assert.Equal(reached, Quorum.Reached(values));

    [Fact]
    public void Any_two_majorities_share_a_voter()
    {
        for (var voters = 1; voters < 10; voters++)
            Assert.True(2 * Quorum.Of(voters) > voters && 2 * (Quorum.Of(voters) - 1) <= voters);
    }
}
