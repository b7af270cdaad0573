using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.Pitfalls;

/// <summary>Rows 10, 12, 13, 17 and 18: wiped data, snapshots, and members that come and go.</summary>
[Trait("Category", "Pitfall")]
public sealed class MembershipPitfalls
{
    [Fact]
    public void Pitfall_10_a_wiped_node_gets_nobody_elected_until_it_is_taken_in_again()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Cut("a", "c");
        cluster.Commit("a", "1");
        cluster.Wipe("b");
        cluster.Crash("a");

        cluster.Elect("c"); // it lacks the committed entry; the wiped b would not know better
        cluster.Elect("b");

        Assert.Null(cluster.Leader);
        Assert.DoesNotContain(cluster["b"].Journal, @event => @event is Voted { VotedFor: not null });
    }

    [Fact]
    public void Pitfall_10_a_wiped_voter_comes_back_as_a_learner_and_votes_again_when_it_has_caught_up()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1", "2");
        cluster.Wipe("b");

        cluster["a"].Beat();
        cluster.DeliverAll();
        cluster["a"].Beat();
        cluster["b"].HoldsWrites = true;
        cluster.DeliverAll();
        Assert.Equal(new Member(new NodeId("b"), cluster["b"].Incarnation, MemberKind.Learner), cluster["a"].Replica.Log.Configuration.Find(new NodeId("b")));
        Assert.Contains(cluster["a"].Replica.Log.Configuration.Voters, voter => voter.Id == new NodeId("c"));
        cluster["b"].HoldsWrites = false;
        cluster["b"].CompleteWrites();
        cluster.Beat("a", 5);

        Assert.True(cluster["a"].Replica.Log.Configuration.HasVoter(new NodeId("b")));
        Assert.Equal(["1", "2"], cluster["b"].Machine);
    }

    [Fact]
    public void Pitfall_10_a_wiped_node_and_one_that_never_received_anything_form_no_group_of_their_own()
    {
        foreach (var wiped in new[] { "a", "b" })
        {
            // a founds the group and leads it; c never hears a word of that.
            var cluster = Cluster.Blank(1, new RaftOptions(), "a", "b", "c");
            foreach (var server in cluster.Servers)
                server.Start();
            cluster["a"].Take(new Input.ElectionTimeout());
            while (cluster["a"].Replica.Log.Configuration.Members.IsEmpty)
            {
                foreach (var message in cluster.Intercept(envelope => envelope.Message is FoundingCall or FoundingReply))
                    cluster.Deliver(message);
            }

            cluster.Isolate("c");
            cluster.Lose();
            cluster.Elect("a");
            cluster.Commit("a", "confirmed");
            Assert.Equal(["confirmed"], cluster["a"].Machine);
            cluster.Beat("a");
            cluster.Crash("a");
            cluster.Crash("b");
            cluster.Heal();

            // One of the two that confirmed it is away, the other's data is gone.
            cluster.Wipe(wiped);
            cluster.Run(TimeSpan.FromSeconds(20), () => cluster.Leader is not null);
            Assert.Null(cluster.Leader);
            Assert.True(cluster["c"].Replica.Log.IsBlank);

            var keeper = wiped == "a" ? "b" : "a";
            cluster[keeper].Start();
            cluster.Run(TimeSpan.FromSeconds(20), () => cluster.Servers.All(server => server.Machine.Count > 0 && cluster.Leader?.Replica.Log.Configuration.Voters.Count() == 3));
            Assert.All(cluster.Servers, server => Assert.Equal(["confirmed"], server.Machine));
        }
    }

    [Fact]
    public void Pitfall_10_what_a_wiped_node_acknowledges_commits_nothing()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("c");
        cluster.Wipe("b");

        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster.Commit("a", "1");
        cluster.Beat("a", 2);

        Assert.Equal(Logs.At(1), cluster["a"].Replica.CommitIndex);
        Assert.Equal(LogIndex.Zero, cluster["b"].Replica.Log.LastIndex);
        Assert.True(cluster["a"].Replica.Log.Configuration.HasVoter(new NodeId("b"))); // without c, nobody may be replaced
    }

    [Fact]
    public void Pitfall_10_a_node_taken_in_again_can_lead_those_that_have_not_heard_of_it()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Wipe("b");
        cluster.Beat("a", 6);
        Assert.True(cluster["b"].Replica.Log.Configuration.HasVoter(new NodeId("b")));
        var members = cluster["b"].Replica.Log.Configuration;
        // c remembers only the first configuration, which names b's lost life.
        cluster["c"].Crash();
        var first = cluster["c"].Journal.OfType<Bootstrapped>().Single();
        cluster["c"].Format(cluster["c"].Incarnation);
        cluster["c"].Start([first]);
        cluster.Crash("a");

        cluster.Elect("b");

        Assert.Equal(Role.Leader, cluster["b"].Replica.Role);
        Assert.Equal(members, cluster["c"].Replica.Log.Configuration);
    }

    [Fact]
    public void Pitfall_12_a_snapshot_is_installed_whole_or_not_at_all()
    {
        foreach (var isWritten in new[] { false, true })
        {
            var cluster = Cluster.Led("a", "b", "c");
            cluster.Crash("c");
            cluster.Commit("a", [.. Enumerable.Range(1, 20).Select(index => $"{index}")]);
            cluster["a"].TakeSnapshot();
            cluster.Commit("a", "last");
            cluster["c"].Start();
            cluster["c"].HoldsWrites = true;
            cluster.Beat("a", 1);
            while (cluster["c"].Replica.Log.Snapshot.LastIncludedIndex == LogIndex.Zero)
            {
                cluster["c"].CompleteWrites();
                cluster.DeliverAll();
            }

            Assert.Equal(cluster["c"].Replica.CommitIndex, cluster["c"].Replica.Log.Snapshot.LastIncludedIndex);
            if (isWritten)
                cluster["c"].CompleteWrites();
            cluster.Lose();
            cluster.Restart("c");

            Assert.Equal(isWritten ? 20 : 0, cluster["c"].Machine.Count);
            Assert.Equal(cluster["c"].Replica.Log.FirstIndex.Previous, cluster["c"].Replica.Log.Snapshot.LastIncludedIndex);
            cluster.Beat("a", 15);
            Assert.Equal(cluster["a"].Machine, cluster["c"].Machine);
        }
    }

    [Fact]
    public void Pitfall_13_a_snapshot_of_a_newer_machine_version_is_refused_by_name()
    {
        var cluster = Cluster.Led("a", "b", "c");
        var meta = new SnapshotMeta(Logs.At(50), new Term(1), LogTime.Zero, cluster["a"].Replica.Log.Configuration, MachineVersion: 2);

        cluster.Deliver(Says.From(cluster, "a", "b", new InstallSnapshot(cluster.Group, new Term(1), meta, SnapshotCursor.Start, 4, new byte[4], Round: 1)));

        var reply = Assert.IsType<SnapshotReply>(Assert.Single(cluster.Network).Message);
        Assert.Equal(SnapshotProgress.Refused, reply.Progress);
        Assert.Contains("upgrade", reply.Reason, StringComparison.Ordinal);
        Assert.Equal(new Effect.SnapshotRefused(new NodeId("b"), reply.Reason), Assert.Single(cluster["b"].Effects.OfType<Effect.SnapshotRefused>()));
        Assert.DoesNotContain(cluster["b"].Effects, effect => effect is Effect.StoreSnapshotChunk);
    }

    [Fact]
    public void Pitfall_13_a_machine_version_comes_into_force_only_when_every_voter_knows_it()
    {
        var cluster = Cluster.Configured(1, new RaftOptions { MachineVersion = 2 }, "a", "b", "c");
        cluster["c"].Options = new RaftOptions { MachineVersion = 1 };
        cluster.Restart("c");
        cluster.Elect("a");
        cluster.Beat("a", 3);
        Assert.Equal(1, cluster["a"].Replica.Log.MachineVersion);

        cluster["c"].Options = new RaftOptions { MachineVersion = 2 };
        cluster.Restart("c");
        cluster.Beat("a", 3);

        Assert.All(cluster.Servers, server => Assert.Equal(2, server.Replica.Log.MachineVersion));
        Assert.Single(cluster["b"].Applied, entry => entry.Kind == EntryKind.MachineVersion);
    }

    [Fact]
    public void Pitfall_17_adding_a_dead_server_does_not_stop_the_cluster()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Join("d");
        cluster.Crash("d");
        cluster.Crash("c");

        Assert.Equal("", cluster.Change("a", new MembershipChange.Add(new NodeId("d"), cluster["d"].Incarnation)));
        cluster.Beat("a", 10);
        cluster.Commit("a", "1");

        Assert.Equal(["1"], cluster["a"].Machine);
        Assert.False(cluster["a"].Replica.Log.Configuration.HasVoter(new NodeId("d")));
    }

    [Fact]
    public void Pitfall_18_a_removed_server_that_is_left_running_disturbs_nobody()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Cut("a", "c"); // it never hears that it was removed
        Assert.Equal("", cluster.Change("a", new MembershipChange.Remove(new NodeId("c"))));
        cluster.Heal();

        for (var timeout = 0; timeout < 5; timeout++)
        {
            cluster.Beat("a", 5);
            cluster["c"].Take(new Input.ElectionTimeout());
            cluster.DeliverAll();
        }

        Assert.Equal((Role.Leader, new Term(1)), (cluster["a"].Replica.Role, cluster["a"].Replica.CurrentTerm));
        Assert.Equal(new Term(1), cluster["c"].Replica.CurrentTerm);
    }
}
