using RaftQueue.Node.Peers;
using Xunit;

namespace RaftQueue.Node.Tests.Peers;

public sealed class SilencesTests
{
    private const string Address = "akka.tcp://raftqueue@127.0.0.1:2";

    [Theory]
    [InlineData(0.0, 3.0)]
    [InlineData(0.5, 4.0)]
    public void Complaints_and_new_connections_take_turns_after_a_randomized_patience(double drawn, double patience)
    {
        var silences = new Silences(() => drawn);
        Assert.Equal(Remedy.Ask, silences.Treat(Address, At(10)));
        foreach (var (turn, remedy) in new[] { (1, Remedy.Complain), (2, Remedy.ConnectAnew), (3, Remedy.Complain) })
        {
            Assert.Equal(Remedy.Ask, silences.Treat(Address, At(10 + (turn * patience) - 0.1)));
            Assert.Equal(remedy, silences.Treat(Address, At(10 + (turn * patience))));
        }
    }

    [Fact]
    public void A_word_ends_a_silence()
    {
        var silences = new Silences(() => 0);
        Assert.Equal(Remedy.Ask, silences.Treat(Address, At(10)));
        silences.Broken(Address);
        Assert.Equal(Remedy.Ask, silences.Treat(Address, At(100)));
    }

    [Fact]
    public void A_connection_that_was_just_made_anew_is_left_alone()
    {
        var silences = new Silences(() => 0);
        Assert.True(silences.MayConnectAnew(Address, At(10)));
        Assert.False(silences.MayConnectAnew(Address, At(11.9)));
        Assert.True(silences.MayConnectAnew("another", At(11.9)));
        Assert.True(silences.MayConnectAnew(Address, At(12)));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);
}
