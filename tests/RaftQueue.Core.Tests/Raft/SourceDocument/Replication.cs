using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.SourceDocument;

/// <summary>What the source document says of replication, log matching and snapshots.</summary>
public sealed class Replication
{
    [Fact]
    public void The_six_steps_of_replication_with_entry_7_of_term_5_set_x_10()
    {
        var cluster = Cluster.Of("a", "b", "c");
        foreach (var node in new[] { "a", "b", "c" })
            cluster.Remembers(node, Logs.InTerm(4), Logs.Of(1, 2, 3, 4, 4));
        cluster.Elect("a"); // its no-op is entry 6
        cluster.Beat("a");

        // 1. The client's request reaches the leader.
        cluster["a"].HoldsWrites = true;
        cluster.Propose("a", "set x=10");
        // 2. The leader appends it to its log.
        var entry = cluster["a"].Replica.Log[Logs.At(7)];
        Assert.Equal((new Term(5), "set x=10"), (entry.Term, Encoding.UTF8.GetString(entry.Payload.Span)));
        Assert.Equal(new Effect.Proposed(Logs.At(7), 1), cluster["a"].Effects[^1]);
        // 3. It sends AppendEntries to the followers.
        Assert.Equal(2, cluster.Network.Count(envelope => envelope.Message is AppendEntries { Entries: [{ Index.Value: 7 }] }));
        // 4. They write it and acknowledge.
        foreach (var append in cluster.Intercept(envelope => envelope.Message is AppendEntries))
            cluster.Deliver(append);
        Assert.Equal(2, cluster.Network.Count(envelope => envelope.Message is AppendReply { IsAccepted: true, MatchIndex.Value: 7 }));
        Assert.Contains(cluster["b"].Journal, @event => @event is EntriesAppended { Entries: [{ Index.Value: 7 }] });
        // 5. With a majority it is committed, and applied on the leader.
        cluster["a"].HoldsWrites = false;
        cluster["a"].CompleteWrites();
        cluster.DeliverAll();
        Assert.Equal(Logs.At(7), cluster["a"].Replica.CommitIndex);
        Assert.Equal("set x=10", cluster["a"].Machine[^1]);
        // 6. The followers learn of it and apply it.
        Assert.NotEqual("set x=10", cluster["b"].Machine[^1]);
        cluster.Beat("a");
        Assert.All(cluster.Servers, server => Assert.Equal("set x=10", server.Machine[^1]));
    }

    [Fact]
    public void Log_matching_forces_a_diverging_tail_to_the_leaders_and_nothing_committed_changes()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Remembers("a", Logs.InTerm(7), Logs.Of(4, 4, 5, 7));
        cluster.Remembers("b", Logs.InTerm(7), Logs.Of(4, 4, 5, 7));
        cluster.Remembers("c", Logs.InTerm(6), Logs.Of(4, 4, 6, 6, 6));

        cluster.Elect("a");
        cluster.Beat("a", 2);

        Assert.Equal([4, 4, 5, 7, 8], Logs.Terms(cluster["a"].Replica.Log));
        Assert.Equal([4, 4, 5, 7, 8], Logs.Terms(cluster["c"].Replica.Log));
        Assert.Contains(new LogTruncated(Logs.At(3)), cluster["c"].Journal);
        Assert.Equal(Logs.At(5), cluster["c"].Replica.CommitIndex);
        Assert.Equal(cluster["a"].Machine, cluster["c"].Machine);
    }

    [Fact]
    public void A_snapshot_is_the_state_at_a_point_and_only_the_log_after_it_is_kept()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1", "2", "3");

        cluster["a"].TakeSnapshot();
        cluster.Commit("a", "4");

        Assert.Equal(Logs.At(4), cluster["a"].Replica.Log.Snapshot.LastIncludedIndex);
        Assert.Equal((Logs.At(5), Logs.At(5)), (cluster["a"].Replica.Log.FirstIndex, cluster["a"].Replica.Log.LastIndex));
        cluster.Restart("a");
        Assert.Equal(["1", "2", "3"], cluster["a"].Machine);
        Assert.Equal((Logs.At(4), Logs.At(5)), (cluster["a"].Replica.LastApplied, cluster["a"].Replica.Log.LastIndex));
    }

    [Fact]
    public void A_follower_far_behind_is_caught_up_by_the_snapshot_and_the_later_log()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash("c");
        cluster.Commit("a", [.. Enumerable.Range(1, 50).Select(index => $"{index}")]);
        cluster["a"].TakeSnapshot();
        cluster.Commit("a", "51", "52");

        cluster["c"].Start();
        cluster.Beat("a", 3);

        Assert.Contains(cluster["c"].Journal, @event => @event is SnapshotInstalled);
        Assert.Equal(cluster["a"].Machine, cluster["c"].Machine);
        Assert.Equal(["51", "52"], cluster["c"].Applied.Select(entry => Encoding.UTF8.GetString(entry.Payload.Span)));
        cluster.Restart("c");
        Assert.Equal(50, cluster["c"].Machine.Count);
    }
}
