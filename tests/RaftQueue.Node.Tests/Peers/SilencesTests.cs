using RaftQueue.Node.Peers;
using Xunit;

namespace RaftQueue.Node.Tests.Peers;

public sealed class SilencesTests
{
    private const string Address = "akka.tcp://raftqueue@127.0.0.1:2";

    [Theory]
    [InlineData(0.0, 3.0)]
    [InlineData(0.5, 4.0)]
    public void A_silence_is_too_long_after_a_randomized_time_and_then_counted_anew(double drawn, double patience)
    {
        var silences = new Silences(() => drawn);
        Assert.False(silences.HasLastedTooLong(Address, At(10)));
        Assert.False(silences.HasLastedTooLong(Address, At(10 + patience - 0.1)));
        Assert.True(silences.HasLastedTooLong(Address, At(10 + patience)));
        Assert.False(silences.HasLastedTooLong(Address, At(10 + (2 * patience) - 0.1)));
        Assert.True(silences.HasLastedTooLong(Address, At(10 + (2 * patience))));
    }

    [Fact]
    public void A_word_ends_a_silence()
    {
        var silences = new Silences(() => 0);
        Assert.False(silences.HasLastedTooLong(Address, At(10)));
        silences.Broken(Address);
        Assert.False(silences.HasLastedTooLong(Address, At(100)));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
