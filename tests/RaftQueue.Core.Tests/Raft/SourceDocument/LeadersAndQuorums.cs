using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.SourceDocument;

/// <summary>What the source document says of leaders, terms and majorities.</summary>
public sealed class LeadersAndQuorums
{
    [Fact]
    public void All_writes_go_through_the_leader_and_a_follower_names_it()
    {
        var cluster = Cluster.Led("a", "b", "c");

        cluster.Propose("b", "x=1");

        Assert.Equal(new Effect.ProposalRefused(IsBusy: false), cluster["b"].Effects[^1]);
        Assert.Equal(new NodeId("a"), cluster["b"].Replica.Leader);
        cluster.Commit("a", "x=1");
        Assert.Equal(["x=1"], cluster["a"].Machine);
    }

    [Fact]
    public void Of_five_nodes_three_confirm()
    {
        var cluster = Cluster.Led("a", "b", "c", "d", "e");
        cluster.Crash("d");
        cluster.Crash("e");

        cluster.Commit("a", "x=1");

        Assert.Equal(["x=1"], cluster["a"].Machine);
    }

    [Fact]
    public void With_two_of_five_alive_nothing_is_confirmed()
    {
        var cluster = Cluster.Led("a", "b", "c", "d", "e");
        cluster.Crash("c");
        cluster.Crash("d");
        cluster.Crash("e");

        cluster.Commit("a", "x=1");
        cluster.Beat("a", 3);

        Assert.Equal(Logs.At(2), cluster["a"].Replica.Log.LastIndex);
        Assert.Equal(Logs.At(1), cluster["a"].Replica.CommitIndex);
        Assert.Empty(cluster["a"].Machine);
    }

    [Fact]
    public void Two_leaders_never_confirm_in_one_term()
    {
        var cluster = Cluster.Led("a", "b", "c", "d", "e");
        cluster.Isolate("a", "b");
        cluster.Elect("c");

        cluster.Commit("a", "old");
        cluster.Commit("c", "new");

        Assert.Equal(Role.Leader, cluster["a"].Replica.Role);
        Assert.True(cluster["c"].Replica.CurrentTerm > cluster["a"].Replica.CurrentTerm);
        Assert.Empty(cluster["a"].Machine);
        Assert.Equal(["new"], cluster["c"].Machine);
    }

    [Fact]
    public void An_old_leader_of_term_5_that_hears_AppendEntries_of_term_8_becomes_a_follower_at_once()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Remembers("a", Logs.InTerm(4));
        cluster.Elect("a");
        Assert.Equal((Role.Leader, new Term(5)), (cluster["a"].Replica.Role, cluster["a"].Replica.CurrentTerm));

        cluster.Deliver(Says.From(cluster, "b", "a", Says.Append(8, 0, 0)));

        Assert.Equal((Role.Follower, new Term(8)), (cluster["a"].Replica.Role, cluster["a"].Replica.CurrentTerm));
        Assert.Equal(new NodeId("b"), cluster["a"].Replica.Leader);
        Assert.Contains(new Voted(new Term(8), null), cluster["a"].Journal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_candidate_that_hears_a_heartbeat_of_a_larger_or_equal_term_becomes_a_follower(long larger)
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster["a"].Take(new Input.ElectionTimeout());
        cluster.Deliver(Says.From(cluster, "b", "a", new VoteReply(cluster.Group, new Term(1), IsGranted: true, IsPreVote: true)));
        Assert.Equal((Role.Candidate, new Term(1)), (cluster["a"].Replica.Role, cluster["a"].Replica.CurrentTerm));

        cluster.Deliver(Says.From(cluster, "b", "a", Says.Append(1 + larger, 0, 0)));

        Assert.Equal(Role.Follower, cluster["a"].Replica.Role);
        Assert.Equal(new NodeId("b"), cluster["a"].Replica.Leader);
    }

    [Fact]
    public void Leader_failure_leads_to_timeout_candidate_higher_term_election_and_the_system_goes_on()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "x=1");
        cluster.Crash("a");

        cluster.Run(TimeSpan.FromSeconds(10), () => cluster.Leader is { } next && next.Replica.Leadership!.IsEstablished);
        var leader = cluster.Leader!.Node.Value;
        cluster.Commit(leader, "x=2");

        Assert.NotEqual("a", leader);
        Assert.True(cluster[leader].Replica.CurrentTerm > new Term(1));
        Assert.Equal(["x=1", "x=2"], cluster[leader].Machine);
    }

    [Fact]
    public void The_most_up_to_date_candidate_wins()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Cut("a", "c");
        cluster.Commit("a", "x=1");
        cluster.Crash("a");

        cluster.Elect("c");
        Assert.NotEqual(Role.Leader, cluster["c"].Replica.Role);
        cluster.Elect("b");

        Assert.Equal(Role.Leader, cluster["b"].Replica.Role);
        cluster.Beat("b");
        Assert.Equal(["x=1"], cluster["c"].Machine);
    }
}
