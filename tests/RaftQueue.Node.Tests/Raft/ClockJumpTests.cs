using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Node.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>A leader whose wall clock jumps (P14): log time does not, and people are told.</summary>
[Trait("Category", "Fault")]
public sealed class ClockJumpTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly TimeSpan Beat = Members.Settings.HeartbeatInterval;

    [Theory]
    [InlineData(24)]
    [InlineData(-1)]
    public void F04_A_leaders_clock_that_jumps_and_returns_leaves_log_time_where_it_was(int hours)
    {
        var bench = ReplicaBench.Leading(this);
        var before = StampOfNext(bench);
        bench.Time.WallError = TimeSpan.FromHours(hours);
        Pass(bench, TimeSpan.FromSeconds(10));
        var during = StampOfNext(bench);
        bench.Time.WallError = TimeSpan.Zero;
        Pass(bench, TimeSpan.FromSeconds(10));
        var after = StampOfNext(bench);

        Assert.InRange(during.Milliseconds - before.Milliseconds, 9_900, 10_110);
        Assert.InRange(after.Milliseconds - before.Milliseconds, 19_800, 20_220);
    }

    [Fact]
    public void F04_A_jump_of_the_clock_is_measured_turns_health_red_with_the_reason_and_is_logged_once()
    {
        var bench = ReplicaBench.Leading(this);
        StampOfNext(bench);
        EventFilter.Warning(contains: "behind this node's wall clock").Expect(1, () =>
        {
            bench.Time.WallError = TimeSpan.FromDays(1);
            Pass(bench, TimeSpan.FromSeconds(10));
        });
        var status = Status(bench);
        Assert.False(status.IsHealthy);
        Assert.Contains("Log time is 86400 s behind this node's wall clock", status.Health, StringComparison.Ordinal);
        Assert.InRange(status.LogTimeOffset!.Value, TimeSpan.FromDays(-1), TimeSpan.FromDays(-1) + TimeSpan.FromSeconds(1));

        bench.Time.WallError = TimeSpan.Zero;
        Pass(bench, TimeSpan.FromSeconds(2));
        Assert.True(Status(bench).IsHealthy);
    }

    [Fact]
    public void F04_A_follower_whose_clock_is_wrong_says_so_and_leads_by_the_time_of_its_leader()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        bench.Time.WallError = TimeSpan.FromDays(400);
        var leaderTime = LogTime.From(bench.Time.GetUtcNow() - TimeSpan.FromDays(400));
        bench.Hear(2, Members.Append(term: 1, round: 2) with { LogTime = leaderTime });
        bench.FinishWrites();
        Assert.Contains("Log time is 34560000 s behind this node's wall clock", Status(bench).Health, StringComparison.Ordinal);

        var heard = bench.Time.GetTimestamp();
        bench.BecomeLeader();
        var passed = (bench.Time.GetTimestamp() - heard) / TimeSpan.TicksPerMillisecond;
        Assert.InRange(StampOfNext(bench).Milliseconds - leaderTime.Milliseconds, (passed * 99 / 100) - 1, (passed * 101 / 100) + 1);
    }

    private static LogTime StampOfNext(ReplicaBench bench)
    {
        bench.Propose();
        bench.AdvanceMilliseconds(2); // a settlement may wait a moment for company
        bench.FinishWrites();
        bench.Acknowledge(2);
        return bench.Replica.Log.LastStamp;
    }

    private static void Pass(ReplicaBench bench, TimeSpan span)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Beat)
        {
            bench.Advance(Beat);
            bench.FinishWrites();
            bench.Acknowledge(2);
            bench.Fsm.Tell(new AppliedThrough(bench.Replica.LastApplied));
        }
    }

    private static ReplicaStatus Status(ReplicaBench bench)
    {
        bench.Fsm.Tell(new AppliedThrough(bench.Replica.LastApplied));
        bench.Administer(GetStatus.Instance);
        return ReplicaBench.Told<CompleteStatus>(bench.Queue)[^1].Status;
    }
}
