using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>§7: snapshots in chunks, and what is left of the log.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void A_lost_chunk_is_sent_again_after_an_election_timeout()
    {
        var cluster = Behind("c");
        cluster.Run(TimeSpan.FromSeconds(2), () => cluster.Network.Any(envelope => envelope.Message is InstallSnapshot { Cursor.Offset: Cluster.ChunkBytes }));
        cluster.Lose(envelope => envelope.Message is InstallSnapshot);

        var seen = new List<SnapshotCursor>();
        cluster.Run(TimeSpan.FromSeconds(5), () =>
        {
            seen.AddRange(cluster.Network.Select(envelope => envelope.Message).OfType<InstallSnapshot>().Select(chunk => chunk.Cursor));
            return cluster["c"].Machine.SequenceEqual(cluster["a"].Machine);
        });

        Assert.Equal(cluster["a"].Machine, cluster["c"].Machine);
        Assert.DoesNotContain(SnapshotCursor.Start, seen); // it went on where it was
    }

    [Fact]
    public void Heartbeats_reach_a_follower_while_its_snapshot_is_on_its_way()
    {
        var cluster = Behind("c");
        cluster.Run(TimeSpan.FromSeconds(1), () => cluster["a"].Replica.Leadership!.Find(new NodeId("c"))!.Phase == ProgressPhase.Snapshot);
        cluster.Lose();

        cluster["a"].Beat();
        var heartbeat = cluster.Network.Single(envelope => envelope.To == new NodeId("c"));
        cluster.Deliver(heartbeat);

        Assert.True(cluster.Network.Last().Message is AppendReply { IsAccepted: true });
    }

    [Fact]
    public void A_snapshot_of_what_is_committed_already_is_answered_as_installed_and_not_stored()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1");
        cluster.Beat("a");
        var meta = cluster["a"].Replica.Log.MetaAt(Logs.At(1));

        cluster.Deliver(Says.From(cluster, "a", "b", new InstallSnapshot(cluster.Group, new Term(1), meta, SnapshotCursor.Start, 4, new byte[4], Round: 1)));

        Assert.Equal(SnapshotProgress.Installed, Assert.IsType<SnapshotReply>(Assert.Single(cluster.Network).Message).Progress);
        Assert.DoesNotContain(cluster["b"].Effects, effect => effect is Effect.StoreSnapshotChunk);
    }

    [Fact]
    public void A_refusal_is_kept_for_people_and_the_snapshot_is_not_pressed()
    {
        var cluster = Refused();
        var reads = Reads(cluster);
        cluster.Beat("a", 20);

        Assert.Equal("too new", cluster["a"].Replica.Leadership!.Find(new NodeId("c"))!.Transfer!.Refusal);
        Assert.Equal(reads, Reads(cluster));
    }

    [Fact]
    public void A_member_that_knows_another_machine_version_than_when_it_refused_is_offered_the_snapshot_anew()
    {
        var cluster = Refused();
        var reads = Reads(cluster);

        cluster.Deliver(Says.From(cluster, "c", "a", new AppendReply(
            cluster.Group, new Term(1), IsAccepted: true, LogIndex.Zero, Term.Zero, LogIndex.Zero, Round: 1, MachineVersion: 2)));
        cluster.Beat("a", 20);

        Assert.Empty(cluster["a"].Replica.Leadership!.Find(new NodeId("c"))!.Transfer!.Refusal);
        Assert.True(Reads(cluster) > reads);
    }

    [Fact]
    public void What_is_compacted_under_an_open_pipeline_is_noticed_at_the_next_heartbeat()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Isolate("c");
        cluster.Commit("a", "1", "2", "3");
        Assert.Equal(ProgressPhase.Replicate, cluster["a"].Replica.Leadership!.Find(new NodeId("c"))!.Phase);
        cluster.Commit("a", "4");
        cluster["a"].TakeSnapshot();
        cluster.Commit("a", "5");
        cluster["a"].TakeSnapshot();
        cluster.Heal();

        cluster.Beat("a", 4);

        Assert.Equal(cluster["a"].Machine, cluster["c"].Machine);
    }

    /// <summary>A cluster led by a, in which c has refused a's snapshot, and says nothing more.</summary>
    private static Cluster Refused()
    {
        var cluster = Behind("c");
        cluster.Run(TimeSpan.FromSeconds(1), () => cluster["a"].Replica.Leadership!.Find(new NodeId("c"))!.Phase == ProgressPhase.Snapshot);
        cluster.Lose();
        var meta = cluster["a"].Replica.Log.Snapshot;
        cluster.Deliver(Says.From(cluster, "c", "a", new SnapshotReply(
            cluster.Group, new Term(1), meta.LastIncludedIndex, SnapshotProgress.Refused, SnapshotCursor.Start, "too new", Round: 1)));
        cluster["c"].Crash();
        return cluster;
    }

    private static int Reads(Cluster cluster) => cluster["a"].Effects.Count(effect => effect is Effect.ReadSnapshotChunk);

    /// <summary>A led cluster in which <paramref name="name"/> lacks entries that only the snapshot has.</summary>
    private static Cluster Behind(string name)
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Crash(name);
        cluster.Commit("a", [.. Enumerable.Range(1, 20).Select(index => $"{index}")]);
        cluster["a"].TakeSnapshot();
        cluster.Commit("a", "last");
        cluster[name].Start();
        return cluster;
    }
}
