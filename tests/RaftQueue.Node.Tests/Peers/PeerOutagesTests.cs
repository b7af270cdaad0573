using Akka.Event;
using Akka.TestKit.Xunit2;
using RaftQueue.Node.Peers;
using Xunit;

namespace RaftQueue.Node.Tests.Peers;

/// <summary>A node that is down makes one line, and one when it is back, however often it is tried.</summary>
public sealed class PeerOutagesTests : TestKit
{
    private const string Address = "akka.tcp://raftqueue@127.0.0.1:2";
    private const string Refused = "Connection refused";
    private readonly PeerOutages _outages;

    public PeerOutagesTests()
        : base("akka { loglevel = INFO, stdout-loglevel = OFF }")
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        Sys.EventStream.Subscribe(TestActor, typeof(Info));
        _outages = new PeerOutages(Sys.Log);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_A_node_that_is_down_for_ten_minutes_makes_one_line_with_the_reason_and_one_when_it_is_back()
    {
        for (var tick = 0; tick <= 1200; tick++)
        {
            _outages.Silent(Address, "node n2", At(tick / 2.0));
            _outages.Failed(Address, Refused);
        }

        _outages.Heard(Address, "node n2", At(601));
        _outages.Heard(Address, "node n2", At(602));

        Assert.Equal(
            [
                $"No connection to node n2 at {Address}: {Refused}. It is tried until there is one.",
                $"The connection to node n2 at {Address} is there, after 601 s.",
            ],
            Logged());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_A_short_pause_is_no_outage()
    {
        for (var second = 0; second < 60; second++)
        {
            _outages.Silent(Address, "node n2", At(second));
            _outages.Silent(Address, "node n2", At(second + 0.5));
            _outages.Heard(Address, "node n2", At(second + 0.9));
        }

        Assert.Empty(Logged());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_Another_reason_is_logged_and_reasons_in_turn_make_a_line_a_minute()
    {
        for (var second = 0; second < 121; second++)
        {
            _outages.Silent(Address, "the node", At(second));
            _outages.Failed(Address, second % 2 == 0 ? "refused" : "timed out");
        }

        Assert.Equal(2, Logged().Count);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private List<string> Logged()
    {
        Sys.Log.Info("end");
        var lines = new List<string>();
        while (ExpectMsg<LogEvent>(TimeSpan.FromSeconds(30)).Message.ToString() is { } line && line != "end")
            lines.Add(line);
        return lines;
    }
}
