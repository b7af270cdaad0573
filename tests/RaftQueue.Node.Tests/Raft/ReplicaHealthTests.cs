using Akka.TestKit.Xunit2;
using RaftQueue.Contracts.Client;
using RaftQueue.Node.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>Health is not that a replica lives, but that what it began moves on.</summary>
public sealed class ReplicaHealthTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly TimeSpan Beat = Members.Settings.HeartbeatInterval;

    [Fact]
    public void A_leader_whose_followers_and_disk_keep_up_is_healthy()
    {
        var bench = Leader();
        bench.Propose();
        Pass(bench, TimeSpan.FromSeconds(20), () =>
        {
            bench.FinishWrites();
            bench.Acknowledge(2);
            Applied(bench);
        });
        Assert.True(Forwarded(bench).IsHealthy);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_committed_entries_that_are_not_applied_turn_health_red_with_the_reason()
    {
        var bench = Leader();
        bench.Propose();
        Pass(bench, TimeSpan.FromSeconds(11), () =>
        {
            bench.FinishWrites();
            bench.Acknowledge(2);
        });
        // The queue machine, which stands still, is not asked.
        var status = ReplicaBench.Answer<ReplicaStatus>(bench.Administer(GetStatus.Instance));
        Assert.False(status.IsHealthy);
        Assert.Contains($"Committed through index {bench.Replica.LastApplied}, but applied only through 0", status.Health, StringComparison.Ordinal);

        Applied(bench);
        Assert.True(Forwarded(bench).IsHealthy);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_a_commit_that_does_not_come_turns_health_red_with_the_reason()
    {
        var bench = Leader();
        bench.FinishWrites();
        bench.Propose();
        var match = bench.Replica.CommitIndex.Value;
        Pass(bench, TimeSpan.FromSeconds(11), () =>
        {
            bench.FinishWrites();
            // It hears its leader, and so the leader goes on leading; but its disk takes nothing.
            bench.Hear(2, Members.Accepted(bench.Replica.CurrentTerm.Value, match, bench.Replica.Leadership!.Round));
            Applied(bench);
        });
        var status = Forwarded(bench);
        Assert.False(status.IsHealthy);
        Assert.Contains("Nothing was committed for 11 s", status.Health, StringComparison.Ordinal);

        bench.Acknowledge(2);
        Applied(bench);
        Assert.True(Forwarded(bench).IsHealthy);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_a_journal_write_that_does_not_end_turns_health_red_with_the_reason()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        bench.Hear(2, Members.Append(term: 1, entries: Members.Command(1, 1)));
        Pass(bench, TimeSpan.FromSeconds(11), () => bench.Hear(2, Members.Append(term: 1, previous: 1, previousTerm: 1)));
        var status = Forwarded(bench);
        Assert.False(status.IsHealthy);
        Assert.Contains("A journal write has been in flight for 11 s", status.Health, StringComparison.Ordinal);

        bench.FinishWrites();
        Assert.True(Forwarded(bench).IsHealthy);
    }

    private ReplicaBench Leader()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader();
        return bench;
    }

    private static void Pass(ReplicaBench bench, TimeSpan span, Action beat)
    {
        for (var passed = TimeSpan.Zero; passed < span; passed += Beat)
        {
            bench.Advance(Beat);
            beat();
        }
    }

    private static void Applied(ReplicaBench bench) => bench.Fsm.Tell(new AppliedThrough(bench.Replica.LastApplied));

    private static ReplicaStatus Forwarded(ReplicaBench bench)
    {
        bench.Administer(GetStatus.Instance);
        return ReplicaBench.Told<CompleteStatus>(bench.Queue)[^1].Status;
    }
}
