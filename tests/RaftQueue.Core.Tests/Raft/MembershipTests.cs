using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>§6, and the dissertation's chapter 4: one server at a time.</summary>
public sealed class MembershipTests
{
    [Fact]
    public void A_new_server_is_a_learner_first_and_votes_when_it_has_caught_up()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1", "2");
        cluster.Join("d");

        Assert.Equal("", cluster.Change("a", new MembershipChange.Add(new NodeId("d"), cluster["d"].Incarnation)));
        Assert.Equal(MemberKind.Learner, cluster["a"].Replica.Log.Configuration.Find(new NodeId("d"))!.Kind);
        cluster.Beat("a", 3);

        Assert.All(cluster.Servers, server => Assert.True(server.Replica.Log.Configuration.HasVoter(new NodeId("d"))));
        Assert.Equal(["1", "2"], cluster["d"].Machine);
    }

    [Fact]
    public void A_learner_that_lags_is_not_promoted()
    {
        var cluster = Cluster.Configured(1, new RaftOptions { PromotionLag = 5 }, "a", "b", "c");
        cluster.Elect("a");
        cluster.Join("d");
        cluster.Change("a", new MembershipChange.Add(new NodeId("d"), cluster["d"].Incarnation));
        cluster.Crash("d");
        cluster.Commit("a", [.. Enumerable.Range(1, 20).Select(index => $"{index}")]);

        Assert.Contains("lacks", cluster.Change("a", new MembershipChange.Promote(new NodeId("d"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_change_waits_until_the_first_is_committed()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["a"].HoldsWrites = true;
        cluster["b"].HoldsWrites = true;
        cluster["c"].HoldsWrites = true;
        Assert.Null(cluster.Change("a", new MembershipChange.Add(new NodeId("d"), Incarnation.Unknown)));

        Assert.Contains("one server at a time", cluster.Change("a", new MembershipChange.Add(new NodeId("e"), Incarnation.Unknown)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_configuration_that_is_truncated_is_undone()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Isolate("a");
        cluster.Change("a", new MembershipChange.Add(new NodeId("d"), Incarnation.Unknown));
        Assert.NotNull(cluster["a"].Replica.Log.Configuration.Find(new NodeId("d")));
        cluster.Elect("b");
        cluster.Heal();

        cluster.Beat("b", 2);

        Assert.Null(cluster["a"].Replica.Log.Configuration.Find(new NodeId("d")));
        Assert.Contains("lost leadership", cluster.LastAnswer("a"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_leader_that_removes_itself_steps_down_when_that_is_committed_and_another_takes_over()
    {
        var cluster = Cluster.Led("a", "b", "c");

        Assert.Equal("", cluster.Change("a", new MembershipChange.Remove(new NodeId("a"))));

        Assert.Equal(Role.Follower, cluster["a"].Replica.Role);
        Assert.Contains(new Effect.Removed(), cluster["a"].Effects);
        Assert.NotNull(cluster.Leader);
        Assert.Equal(new Term(2), cluster.Leader.Replica.CurrentTerm);
        cluster["a"].Take(new Input.ElectionTimeout());
        Assert.Equal(Role.Follower, cluster["a"].Replica.Role);
    }

    [Fact]
    public void A_removed_follower_hears_that_its_removal_is_committed()
    {
        var cluster = Cluster.Led("a", "b", "c");

        Assert.Equal("", cluster.Change("a", new MembershipChange.Remove(new NodeId("c"))));

        Assert.Contains(new Effect.Removed(), cluster["c"].Effects);
        Assert.Equal([new NodeId("b")], cluster["a"].Replica.Leadership!.Peers.Select(peer => peer.Node));
    }

    [Fact]
    public void A_removal_that_would_leave_no_reachable_majority_is_refused()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("c");
        cluster.Beat("a", 6);

        Assert.Contains("no majority", cluster.Change("a", new MembershipChange.Remove(new NodeId("b"))), StringComparison.Ordinal);
        Assert.Equal("", cluster.Change("a", new MembershipChange.Remove(new NodeId("c"))));
    }

    [Fact]
    public void Before_its_no_op_is_committed_a_leader_changes_no_members()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Role != Role.Leader)
        {
            foreach (var message in cluster.Intercept(_ => true))
                cluster.Deliver(message);
        }

        cluster["a"].Take(new Input.ChangeMembers(9, new MembershipChange.Remove(new NodeId("c")), LogTime.Zero));

        Assert.Contains("only just been elected", Assert.IsType<Effect.RequestEnded>(cluster["a"].Effects[^1]).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Incarnations_are_written_down_when_they_are_first_heard_in_one_entry()
    {
        var cluster = Cluster.Strangers(1, new RaftOptions(), "a", "b", "c");
        cluster.Elect("a");

        cluster.Beat("a", 3);

        Assert.All(cluster["b"].Replica.Log.Configuration.Members, member => Assert.Equal(cluster[member.Id.Value].Incarnation, member.Incarnation));
        Assert.Single(cluster["b"].Applied, entry => entry.Kind == EntryKind.Configuration);
    }

    [Fact]
    public void A_server_without_a_configuration_waits_and_does_not_campaign()
    {
        var cluster = Cluster.Of("a");
        cluster.Join("d");

        cluster["d"].Take(new Input.ElectionTimeout());

        Assert.Equal((Role.Follower, Term.Zero), (cluster["d"].Replica.Role, cluster["d"].Replica.CurrentTerm));
        Assert.Equal(TimerChange.Restart, cluster["d"].Last!.ElectionTimer);
        Assert.Empty(cluster.Network);
    }
}
