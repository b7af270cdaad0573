using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>§5.2 and §5.4.1, the voter's side; pre-vote and loyalty (dissertation, §4.2.3 and §9.6).</summary>
public sealed class VoterTests
{
    [Fact]
    public void A_follower_grants_one_vote_per_term()
    {
        var cluster = Cluster.Of("a", "b", "c");

        cluster.Deliver(Says.From(cluster, "a", "c", Says.RequestVote(1, 0, 0)));
        cluster.Deliver(Says.From(cluster, "b", "c", Says.RequestVote(1, 0, 0)));

        Assert.Equal([(new NodeId("a"), true), (new NodeId("b"), false)], cluster.Network.Select(Answer));
    }

    [Fact]
    public void A_vote_and_its_term_are_one_event_and_the_reply_waits_for_the_disk()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster["c"].HoldsWrites = true;

        cluster.Deliver(Says.From(cluster, "a", "c", Says.RequestVote(3, 0, 0)));

        Assert.Equal(Logs.InTerm(3, "a"), Assert.Single(cluster["c"].Last!.Remember));
        Assert.Empty(cluster.Network);
        cluster["c"].CompleteWrites();
        Assert.Single(cluster.Network);
    }

    [Fact]
    public void A_repeated_request_of_the_same_candidate_is_granted_again()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Deliver(Says.From(cluster, "a", "c", Says.RequestVote(1, 0, 0)));
        cluster.Restart("c");

        cluster.Deliver(Says.From(cluster, "a", "c", Says.RequestVote(1, 0, 0)));

        Assert.All(cluster.Network, envelope => Assert.True(Answer(envelope).IsGranted));
        Assert.Equal(2, cluster.Network.Count());
    }

    [Fact]
    public void A_pre_vote_changes_nothing_that_is_remembered()
    {
        var cluster = Cluster.Of("a", "b", "c");

        cluster["a"].Take(new Input.ElectionTimeout());
        var asked = cluster.Intercept(_ => true);
        cluster.Deliver(asked[0]);

        Assert.All(asked, envelope => Assert.Equal((new Term(1), true), (envelope.Message.Term, ((RequestVote)envelope.Message).IsPreVote)));
        Assert.All(new[] { "a", "b" }, node => Assert.Equal(Term.Zero, cluster[node].Replica.CurrentTerm));
        Assert.Empty(cluster["b"].Last!.Remember);
        Assert.Equal(new VoteReply(cluster.Group, new Term(1), IsGranted: true, IsPreVote: true), Assert.Single(cluster.Network).Message);
    }

    [Fact]
    public void Who_hears_a_live_leader_gives_no_vote_and_keeps_its_term()
    {
        var cluster = Cluster.Led("a", "b", "c");

        cluster.Deliver(Says.From(cluster, "c", "b", Says.RequestVote(9, 99, 9)));
        cluster.Deliver(Says.From(cluster, "c", "a", Says.RequestVote(9, 99, 9)));

        Assert.All(cluster.Network, envelope => Assert.False(Answer(envelope).IsGranted));
        Assert.All(new[] { "a", "b" }, node => Assert.Equal(new Term(1), cluster[node].Replica.CurrentTerm));
    }

    [Fact]
    public void A_candidates_own_vote_counts_only_when_it_is_written_in_its_term()
    {
        var cluster = Cluster.Of("a");
        cluster["a"].HoldsWrites = true;
        cluster["a"].Take(new Input.ElectionTimeout());
        Assert.Equal(Role.Candidate, cluster["a"].Replica.Role);

        cluster["a"].Take(new Input.Written(new WriteMark(Term.Zero, LogIndex.Zero, Term.Zero)));
        Assert.Equal(Role.Candidate, cluster["a"].Replica.Role);
        cluster["a"].CompleteWrites();

        Assert.Equal(Role.Leader, cluster["a"].Replica.Role);
    }

    [Fact]
    public void A_lost_leader_frees_its_followers_to_ask_for_pre_votes_soon()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("a");

        Assert.Equal(TimerChange.None, cluster["b"].Take(new Input.PeerLost(new NodeId("c"))).ElectionTimer);
        Assert.NotNull(cluster["b"].Replica.Leader);
        cluster["c"].Take(new Input.PeerLost(new NodeId("a")));
        Assert.Equal(TimerChange.Hasten, cluster["b"].Take(new Input.PeerLost(new NodeId("a"))).ElectionTimer);
        Assert.Null(cluster["b"].Replica.Leader);
        cluster["b"].Take(new Input.ElectionTimeout());
        cluster.DeliverAll();

        Assert.Equal(Role.Leader, cluster["b"].Replica.Role);
    }

    [Fact]
    public void Candidates_that_split_the_votes_ask_again_soon_and_not_an_election_timeout_later()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("a");
        foreach (var survivor in new[] { "b", "c" })
        {
            cluster[survivor].Take(new Input.PeerLost(new NodeId("a")));
            cluster[survivor].Take(new Input.ElectionTimeout());
        }

        cluster.DeliverAll();

        // Each said that it would vote for the other, and then voted for itself.
        Assert.All(new[] { "b", "c" }, node => Assert.Equal((Role.Candidate, new Term(2)), (cluster[node].Replica.Role, cluster[node].Replica.CurrentTerm)));
        Assert.All(new[] { "b", "c" }, node => Assert.Equal(TimerChange.Hasten, cluster[node].Last!.ElectionTimer));
    }

    [Fact]
    public void A_refused_pre_vote_is_not_repeated_before_the_election_timeout()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["c"].Take(new Input.ElectionTimeout());

        cluster.DeliverAll();

        Assert.All(new[] { "a", "b" }, node => Assert.Equal(new Term(1), cluster[node].Replica.CurrentTerm));
        Assert.NotEqual(TimerChange.Hasten, cluster["c"].Last!.ElectionTimer);
    }

    private static (NodeId To, bool IsGranted) Answer(Envelope envelope) => (envelope.To, ((VoteReply)envelope.Message).IsGranted);
}
