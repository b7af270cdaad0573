using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>§5.3: appends, hints, pipelining and what is written before it is said.</summary>
public sealed class ReplicationTests
{
    [Fact]
    public void The_leaders_append_leaves_before_its_own_write_and_an_acknowledgement_only_after_it()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["a"].HoldsWrites = true;
        cluster["b"].HoldsWrites = true;
        cluster["c"].HoldsWrites = true;

        cluster.Propose("a", "x");
        Assert.Equal(2, cluster.Network.Count());
        cluster.DeliverAll();
        Assert.Equal(Logs.At(1), cluster["a"].Replica.CommitIndex);

        cluster["b"].CompleteWrites();
        cluster.DeliverAll();
        Assert.Equal(Logs.At(1), cluster["a"].Replica.CommitIndex); // its own disk does not have it yet
        cluster["a"].CompleteWrites();
        Assert.Equal(Logs.At(2), cluster["a"].Replica.CommitIndex);
    }

    [Fact]
    public void A_duplicate_append_waits_for_the_write_that_is_still_under_way()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["b"].HoldsWrites = true;
        cluster.Propose("a", "x");
        var append = cluster.Intercept(envelope => envelope.To == new NodeId("b")).Single();

        cluster.Deliver(append);
        cluster.Deliver(append);

        Assert.DoesNotContain(cluster.Network, envelope => envelope.From == new NodeId("b"));
        cluster["b"].CompleteWrites();
        Assert.Equal(2, cluster.Network.Count(envelope => envelope.Message is AppendReply { IsAccepted: true, MatchIndex.Value: 2 }));
    }

    [Fact]
    public void A_conflict_hint_skips_a_whole_term_per_round_trip()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Remembers("a", Logs.InTerm(9), Logs.Of([1, .. Enumerable.Repeat(4L, 100), 9]));
        cluster.Remembers("b", Logs.InTerm(9), Logs.Of([1, .. Enumerable.Repeat(4L, 100), 9]));
        cluster.Remembers("c", Logs.InTerm(8), Logs.Of([1, .. Enumerable.Repeat(2L, 100), .. Enumerable.Repeat(3L, 100)]));
        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster["a"].Take(new Input.ElectionTimeout());

        var refusals = 0;
        for (var message = 0; cluster.Network.Any(); message++)
        {
            Assert.True(message < 50);
            var next = cluster.Network.First();
            cluster.Lose(envelope => ReferenceEquals(envelope, next));
            refusals += next.Message is AppendReply { IsAccepted: false } ? 1 : 0;
            cluster.Deliver(next);
        }

        Assert.InRange(refusals, 1, 3);
        Assert.Equal(Logs.Terms(cluster["a"].Replica.Log), Logs.Terms(cluster["c"].Replica.Log));
    }

    [Fact]
    public void Appends_follow_one_another_up_to_the_bound_and_heartbeats_beyond_it()
    {
        var cluster = Cluster.Configured(1, new RaftOptions { MaxAppendsInFlight = 4 }, "a", "b", "c");
        cluster.Elect("a");
        for (var i = 0; i < 10; i++)
            cluster.Propose("a", $"{i}");

        Assert.Equal(4, cluster.Network.Count(envelope => envelope.To == new NodeId("b")));
        cluster["a"].Beat();
        Assert.Equal(5, cluster.Network.Count(envelope => envelope.To == new NodeId("b")));
        cluster.DeliverAll();
        Assert.Equal(10, cluster["a"].Machine.Count);
    }

    [Fact]
    public void A_lost_append_is_made_up_for_after_the_next_heartbeat()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Propose("a", "1");
        cluster.Lose();
        cluster.Commit("a", "2");
        cluster.Beat("a", 2);

        Assert.All(cluster.Servers, server => Assert.Equal(["1", "2"], server.Machine));
        Assert.All(cluster["a"].Replica.Leadership!.Peers, peer => Assert.Equal(ProgressPhase.Replicate, peer.Phase));
    }

    [Fact]
    public void An_append_holds_no_more_than_its_bounds_and_a_large_entry_goes_alone()
    {
        var cluster = Cluster.Configured(1, new RaftOptions { MaxEntriesPerAppend = 3, MaxBytesPerAppend = 400 }, "a", "b", "c");
        cluster.Elect("a");
        cluster.Propose("a", "1", "2", "3", "4", new string('x', 1_000), "6");

        var sizes = cluster.Network.Where(envelope => envelope.To == new NodeId("b")).Select(envelope => ((AppendEntries)envelope.Message).Entries.Length);

        Assert.Equal([3, 1, 1, 1], sizes);
    }

    [Fact]
    public void Beyond_the_uncommitted_bytes_proposals_are_refused_as_busy_until_a_commit()
    {
        var cluster = Cluster.Configured(1, new RaftOptions { MaxUncommittedBytes = 100 }, "a", "b", "c");
        cluster.Elect("a");
        cluster.Propose("a", new string('x', 100));

        cluster.Propose("a", "more");
        Assert.Equal(new Effect.ProposalRefused(IsBusy: true), cluster["a"].Effects[^1]);
        cluster.DeliverAll();
        cluster.Commit("a", "more");

        Assert.Equal("more", cluster["a"].Machine[^1]);
    }

    [Fact]
    public void A_leader_stamps_no_entry_earlier_than_the_one_before()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["a"].Take(new Input.Propose([new byte[] { 1 }], new LogTime(1_000)));
        cluster["a"].Take(new Input.Propose([new byte[] { 2 }], new LogTime(500)));

        Assert.Equal(new LogTime(1_000), cluster["a"].Replica.Log[Logs.At(3)].Stamp);
    }

    [Fact]
    public void A_leader_without_a_majority_steps_down_at_its_election_timeout()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster["a"].Take(new Input.Read(7));
        cluster.Lose();
        cluster.Isolate("a");
        cluster.Wait(TimeSpan.FromSeconds(1));

        var step = cluster["a"].Take(new Input.ElectionTimeout());

        Assert.Equal((Role.Follower, new Term(1)), (step.Next.Role, step.Next.CurrentTerm));
        Assert.Contains(new Effect.ReadRefused(7), step.Effects);
        Assert.Equal(TimerChange.Stop, step.HeartbeatTimer);
        Assert.Contains(new Effect.LeaderChanged(new Term(1), null), step.Effects);
    }

    [Fact]
    public void The_same_replica_and_input_always_give_the_same_step()
    {
        var cluster = Cluster.Led("a", "b", "c");
        var replica = cluster["a"].Replica;
        var input = new Input.Propose([new byte[] { 1 }], new LogTime(1));

        var first = Rules.Step(replica, input, cluster.Now);
        var second = Rules.Step(replica, new Input.Propose([new byte[] { 9 }], new LogTime(1)), cluster.Now);

        Assert.Equal(1, first.Next.Log[Logs.At(2)].Payload.Span[0]);
        Assert.Equal(9, second.Next.Log[Logs.At(2)].Payload.Span[0]);
        Assert.Equal(Logs.At(1), replica.Log.LastIndex);
    }
}
