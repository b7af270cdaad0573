using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>A deletion holds up no write for long, whatever its rows are like.</summary>
public sealed class DeletionPaceTests
{
    private static readonly TimeSpan Sync = TimeSpan.FromMicroseconds(250);

    [Theory]
    [InlineData(1, 64)] // small rows: a bound
    [InlineData(20, 8)] // the step of 16 is too long, that of 8 is not
    [InlineData(100, 2)]
    [InlineData(10_000, 1)] // large ones, and still it comes to an end
    public void A_step_takes_about_as_long_as_a_sync(int microsecondsForARow, int rows)
    {
        var pace = new DeletionPace();
        var steps = new List<int>();
        for (var step = 0; step < 20; step++)
        {
            steps.Add(pace.Rows);
            pace.Took(TimeSpan.FromMicroseconds(pace.Rows * microsecondsForARow));
        }

        Assert.All(steps, step => Assert.True(step == 1 || step * microsecondsForARow <= 2 * Sync.TotalMicroseconds));
        Assert.Contains(rows, steps.TakeLast(2));
    }

    [Fact]
    public void A_step_that_took_long_makes_the_next_one_shorter_and_a_quick_one_longer()
    {
        var pace = new DeletionPace();
        pace.Took(Sync / 2);
        pace.Took(Sync / 2);
        Assert.Equal(4, pace.Rows);
        pace.Took(Sync * 3);
        Assert.Equal(2, pace.Rows);
    }
}
