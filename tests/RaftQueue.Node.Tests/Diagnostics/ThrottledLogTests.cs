using Akka.Event;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts.Diagnostics;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Diagnostics;

/// <summary>What others can cause at will makes a bounded number of lines, and the lines say how often it happened.</summary>
public sealed class ThrottledLogTests : TestKit
{
    private readonly ThrottledLog _log;

    public ThrottledLogTests()
        : base(VirtualTime.Hocon)
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        _log = new ThrottledLog(Sys.Log, new VirtualTime(Scheduler));
    }

    private TestScheduler Scheduler => (TestScheduler)Sys.Scheduler;

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_The_first_of_a_cause_is_logged_at_once_and_those_that_follow_as_one_line_with_their_number()
    {
        for (var i = 0; i < 24_000; i++)
            _log.Warning("frame", "10.0.0.9", $"connection {i}");
        Assert.Equal(["connection 0"], Logged());

        Scheduler.Advance(ThrottledLog.Interval);

        Assert.Equal(["connection 23999 (23999 times in 60 s; this is the last of them.)"], Logged());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_Who_goes_on_makes_one_line_for_each_interval_and_who_was_quiet_is_logged_at_once_again()
    {
        _log.Warning("a", null, "first");
        for (var minute = 1; minute <= 3; minute++)
        {
            _log.Warning("a", null, $"minute {minute}");
            Scheduler.Advance(ThrottledLog.Interval);
        }

        Scheduler.Advance(ThrottledLog.Interval);
        _log.Warning("a", null, "later");

        Assert.Equal(
            ["first", .. Enumerable.Range(1, 3).Select(minute => $"minute {minute} (1 times in 60 s; this is the last of them.)"), "later"],
            Logged());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F19_Causes_are_told_apart_up_to_a_bound_and_all_further_ones_are_counted_together_without_hiding_another_kind()
    {
        for (var key = 0; key < 10_000; key++)
            _log.Warning("frame", $"host {key}", $"from {key}");
        var first = Logged();
        Assert.Equal(ThrottledLog.MaxCauses + 1, first.Count);
        Assert.Equal($"from {ThrottledLog.MaxCauses}", first[^1]);
        _log.Warning("certificate", "host 1", "expired");
        Assert.Equal(["expired"], Logged());

        Scheduler.Advance(ThrottledLog.Interval);

        Assert.Equal([$"from 9999 ({10_000 - ThrottledLog.MaxCauses - 1} times in 60 s; this is the last of them.)"], Logged());
    }

    private List<string> Logged()
    {
        Sys.Log.Warning("end");
        var lines = new List<string>();
        while (ExpectMsg<Warning>(TimeSpan.FromSeconds(30)).Message.ToString() is { } line && line != "end")
            lines.Add(line);
        return lines;
    }
}
