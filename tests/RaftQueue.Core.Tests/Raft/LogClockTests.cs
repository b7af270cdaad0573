using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>P14: log time is the monotonic clock's, slewed towards the wall clock.</summary>
[Trait("Category", "Fault")]
public sealed class LogClockTests
{
    private static readonly RaftOptions Options = new() { MaxClockSlew = 0.01, MaxClockStep = TimeSpan.FromDays(7) };
    private static readonly LogTime Start = LogTime.From(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(365 * 20)]
    [InlineData(-365 * 20)]
    public void F04_A_wall_clock_that_jumps_moves_log_time_by_the_slew_alone(int days)
    {
        var clock = LogClock.Showing(Start, TimeSpan.Zero);
        for (var second = 1; second <= 100; second++)
            clock = clock.Advance(Seconds(second), Start + Seconds(second) + (Day * days), Start, Options);
        Assert.Equal(Start + Seconds(100 + Math.Sign(days)), clock.At(Seconds(100)));
    }

    [Fact]
    public void F04_Log_time_reaches_a_wall_clock_that_is_a_second_ahead_after_a_hundred_and_stays_with_it()
    {
        var clock = LogClock.Showing(Start, TimeSpan.Zero);
        for (var second = 1; second <= 300; second++)
            clock = clock.Advance(Seconds(second), Start + Seconds(second + 1), Start, Options);
        Assert.Equal(Start + Seconds(301), clock.At(Seconds(300)));
        Assert.Equal(TimeSpan.Zero, clock.OffsetFrom(Start + Seconds(301), Seconds(300)));
    }

    [Fact]
    public void F04_Leaders_whose_clocks_are_hours_apart_do_not_ratchet_log_time_forward()
    {
        LogClock[] clocks = [LogClock.Showing(Start, TimeSpan.Zero), LogClock.Showing(Start, TimeSpan.Zero), LogClock.Showing(Start, TimeSpan.Zero)];
        TimeSpan[] errors = [TimeSpan.FromHours(5), TimeSpan.FromHours(-5), TimeSpan.Zero];
        for (var second = 1; second <= 3_600; second++)
        {
            var leader = second % 3;
            var now = Seconds(second);
            clocks[leader] = clocks[leader].Advance(now, Start + now + errors[leader], Start, Options);
            for (var other = 0; other < 3; other++)
            {
                if (other != leader)
                    clocks[other] = clocks[other].Follow(now, new Term(second), clocks[leader].At(now));
            }
        }

        Assert.InRange(clocks[0].At(Seconds(3_600)).Milliseconds - Start.Milliseconds, 3_564_000, 3_636_000);
    }

    [Fact]
    public void F04_The_clock_of_a_new_group_starts_at_the_wall_clock_however_wrong_that_is()
    {
        var wall = LogTime.From(new DateTimeOffset(2055, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.Equal(wall, default(LogClock).Advance(Day, wall, LogTime.Zero, Options).At(Day));
        Assert.Equal(LogTime.Zero, default(LogClock).Advance(Day, new LogTime(-5), LogTime.Zero, Options).At(Day));
    }

    [Theory]
    [InlineData(6.9, 6.9)]
    [InlineData(7.1, 0)]
    [InlineData(-3, 0)]
    public void F04_After_all_members_were_down_log_time_steps_to_the_wall_clock_up_to_the_setting_and_never_back(double days, double stepped)
    {
        var clock = default(LogClock).Advance(Seconds(1), Start + (Day * days), Start, Options);
        Assert.Equal(Start + (Day * stepped), clock.At(Seconds(1)));
    }

    [Fact]
    public void F04_A_replica_that_has_heard_a_leader_does_not_step()
    {
        var clock = default(LogClock).Follow(Seconds(1), new Term(3), Start).Advance(Seconds(11), Start + Day, Start, Options);
        Assert.Equal(Start + Seconds(10.1), clock.At(Seconds(11)));
    }

    [Fact]
    public void F04_An_overtaken_heartbeat_does_not_set_a_follower_back()
    {
        var clock = default(LogClock).Follow(Seconds(5), new Term(3), Start + Seconds(5)).Follow(Seconds(6), new Term(3), Start + Seconds(1));
        Assert.Equal(Start + Seconds(6), clock.At(Seconds(6)));
        Assert.Equal(Start + Seconds(2), clock.Follow(Seconds(6), new Term(4), Start + Seconds(2)).At(Seconds(6))); // the next leader's word counts
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(253_402_300_800_000)]
    public void F04_A_wall_clock_beyond_all_bounds_founds_a_group_whose_time_still_advances(long milliseconds)
    {
        var clock = default(LogClock).Advance(TimeSpan.Zero, new LogTime(milliseconds), LogTime.Zero, Options);
        Assert.Equal(LogClock.LatestWall, clock.At(TimeSpan.Zero));
        Assert.Equal(LogClock.LatestWall + Day, clock.At(Day));
    }

    [Fact]
    public void F04_A_suspended_machine_whose_monotonic_clock_stood_still_approaches_the_wall_clock_without_a_step()
    {
        var clock = LogClock.Showing(Start, Seconds(10)).Advance(Seconds(20), Start + Seconds(10) + Day, Start, Options);
        Assert.Equal(Start + Seconds(10.1), clock.At(Seconds(20)));
    }

    [Fact]
    public void F04_A_successor_continues_from_the_leaders_time_although_the_log_was_idle_and_its_own_wall_clock_is_wrong()
    {
        var cluster = Rig.Cluster.Led("a", "b", "c");
        cluster["a"].Take(new Input.Propose([new byte[] { 1 }], Start));
        cluster.DeliverAll();
        cluster.Wait(TimeSpan.FromMinutes(10));
        cluster["a"].Take(new Input.Heartbeat(Start + TimeSpan.FromMinutes(10)));
        cluster.DeliverAll();
        var clock = cluster["b"].Replica.Clock;
        Assert.Equal(Start + TimeSpan.FromMinutes(10), clock.At(cluster.Now));
    }

    [Fact]
    public void F04_A_stamp_that_no_clock_may_show_is_refused_from_a_peer_and_from_the_journal()
    {
        var entry = new Entry(new LogIndex(1), new Term(1), LogTime.Latest + TimeSpan.FromMilliseconds(1), EntryKind.NoOp, default);
        var bytes = JournalCodec.Encode(1, [new EntriesAppended([entry])]);
        var refusal = Assert.ThrowsAny<Exception>(() => JournalCodec.Decode(bytes));
        Assert.Contains("stamp", refusal.ToString(), StringComparison.Ordinal);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
