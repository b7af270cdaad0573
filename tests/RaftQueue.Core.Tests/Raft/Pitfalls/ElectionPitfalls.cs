using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.Pitfalls;

/// <summary>Rows 14 to 16: elections, transfer and reads.</summary>
[Trait("Category", "Pitfall")]
public sealed class ElectionPitfalls
{
    [Fact]
    public void Pitfall_14_a_longer_log_in_an_older_term_and_a_shorter_one_in_a_newer_term_still_elect_a_leader()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var cluster = Cluster.Seeded(seed, "a", "b", "c");
            cluster.Remembers("a", Logs.InTerm(3), Logs.Of(1, 2, 3, 3));
            cluster.Remembers("b", Logs.InTerm(7), Logs.Of(1, 2));
            cluster.Crash("c");

            cluster.Run(TimeSpan.FromSeconds(10), () => cluster.Leader is not null);

            Assert.Equal(new NodeId("a"), cluster.Leader?.Node);
        }
    }

    [Fact]
    public void Pitfall_14_a_leader_that_a_newer_term_has_passed_by_is_told_and_steps_down()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Remembers("b", Logs.InTerm(9));
        cluster.Crash("c");

        cluster.Beat("a");

        Assert.Equal((Role.Follower, new Term(9)), (cluster["a"].Replica.Role, cluster["a"].Replica.CurrentTerm));
    }

    [Theory]
    [InlineData("b")]
    [InlineData(null)]
    public void Pitfall_15_a_transfer_is_not_stopped_by_loyalty_or_pre_vote(string? target)
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1");

        Assert.Equal("", cluster.Transfer("a", target));

        Assert.Equal(Role.Follower, cluster["a"].Replica.Role);
        Assert.NotNull(cluster.Leader);
        Assert.Equal(new Term(2), cluster.Leader.Replica.CurrentTerm);
    }

    [Fact]
    public void Pitfall_15_a_transfer_to_a_learner_or_a_stranger_is_refused()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Join("d");
        cluster.Crash("d");
        Assert.Equal("", cluster.Change("a", new MembershipChange.Add(new NodeId("d"), cluster["d"].Incarnation)));

        Assert.Contains("learner", cluster.Transfer("a", "d"), StringComparison.Ordinal);
        Assert.Contains("not a member", cluster.Transfer("a", "x"), StringComparison.Ordinal);
        Assert.Contains("does not lead", cluster.Transfer("b", "c"), StringComparison.Ordinal);
        Assert.Null(cluster["a"].Replica.Leadership!.Handover);
    }

    [Fact]
    public void Pitfall_19_a_transfer_that_is_asked_for_again_of_the_new_leader_has_happened_already()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1");
        Assert.Equal("", cluster.Transfer("a", "b"));
        Assert.Equal(Role.Leader, cluster["b"].Replica.Role);
        var term = cluster["b"].Replica.CurrentTerm;

        Assert.Equal("", cluster.Transfer("b", "b"));

        Assert.Equal((Role.Leader, term), (cluster["b"].Replica.Role, cluster["b"].Replica.CurrentTerm));
        Assert.Null(cluster["b"].Replica.Leadership!.Handover);
    }

    [Fact]
    public void Pitfall_15_a_laggard_is_brought_up_first_and_proposals_wait_meanwhile()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Cut("a", "b");
        cluster.Commit("a", "1", "2");
        Assert.Null(cluster.Transfer("a", "b"));
        cluster.Propose("a", "3");
        Assert.Equal(new Effect.ProposalRefused(IsBusy: false), cluster["a"].Effects[^1]);
        cluster.Heal();

        cluster.Beat("a", 2);

        Assert.Equal("", cluster.LastAnswer("a"));
        Assert.Equal(Role.Leader, cluster["b"].Replica.Role);
        Assert.Equal(["1", "2"], cluster["b"].Machine);
    }

    [Fact]
    public void Pitfall_15_a_transfer_that_takes_too_long_ends_and_the_leader_goes_on()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("b");
        cluster.Commit("a", "1");
        Assert.Null(cluster.Transfer("a", "b"));

        cluster.Beat("a", 11);

        Assert.Contains("did not take over", cluster.LastAnswer("a"), StringComparison.Ordinal);
        cluster.Commit("a", "2");
        Assert.Equal(["1", "2"], cluster["a"].Machine);
    }

    [Fact]
    public void Pitfall_16_a_read_waits_for_the_no_op_of_the_leaders_term()
    {
        var cluster = Cluster.Of("a", "b", "c");
        foreach (var node in new[] { "a", "b", "c" })
            cluster.Remembers(node, Logs.InTerm(1), Logs.Of(1, 1));
        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Role != Role.Leader)
        {
            foreach (var message in cluster.Intercept(_ => true))
                cluster.Deliver(message);
        }

        cluster["a"].Take(new Input.Read(1));
        Assert.DoesNotContain(cluster["a"].Effects, effect => effect is Effect.ReadReady);
        cluster.DeliverAll();

        Assert.Contains(new Effect.ReadReady(1, Logs.At(3)), cluster["a"].Effects);
        Assert.Contains(new Effect.LeadershipEstablished(new Term(2), Logs.At(3)), cluster["a"].Effects);
    }

    [Fact]
    public void Pitfall_16_a_paused_leader_that_was_replaced_reads_nothing_stale()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1");
        cluster.Isolate("a");
        cluster.Elect("b");
        cluster.Commit("b", "2");
        cluster.Heal();

        cluster["a"].Take(new Input.Read(1));
        cluster.DeliverAll();

        Assert.DoesNotContain(cluster["a"].Effects, effect => effect is Effect.ReadReady);
        Assert.Contains(new Effect.ReadRefused(1), cluster["a"].Effects);
    }

    [Fact]
    public void Pitfall_16_an_answer_to_an_earlier_round_confirms_no_read()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["a"].Beat();
        cluster["a"].Take(new Input.Read(1));
        var round = cluster["a"].Replica.Leadership!.Reads!.Round;

        foreach (var heartbeat in cluster.Intercept(envelope => envelope.Message is AppendEntries append && append.Round < round))
            cluster.Deliver(heartbeat);
        foreach (var reply in cluster.Intercept(envelope => envelope.Message is AppendReply))
            cluster.Deliver(reply);
        Assert.DoesNotContain(cluster["a"].Effects, effect => effect is Effect.ReadReady);
        cluster.DeliverAll();

        Assert.Contains(new Effect.ReadReady(1, Logs.At(1)), cluster["a"].Effects);
    }

    [Fact]
    public void Reads_that_come_while_a_round_is_under_way_share_the_next_one()
    {
        var cluster = Cluster.Led("a", "b", "c");
        for (var read = 1; read <= 100; read++)
            cluster["a"].Take(new Input.Read(read));

        Assert.Equal(2, cluster.Network.Count());
        cluster.DeliverAll();

        Assert.Equal(100, cluster["a"].Effects.Count(effect => effect is Effect.ReadReady));
        Assert.Equal(2, cluster["a"].Replica.Leadership!.Round);
    }
}
