using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.SourceDocument;

/// <summary>What the source document says of elections.</summary>
public sealed class Elections
{
    private static readonly string[] s_five = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData(9, 4, 3, 5, true)] // a larger last term wins, however short the log
    [InlineData(3, 5, 9, 4, false)]
    [InlineData(9, 5, 8, 5, false)] // with equal terms the larger index wins
    [InlineData(8, 5, 9, 5, true)]
    [InlineData(8, 5, 8, 5, true)] // an equal log is not older
    public void Which_log_is_newer_is_decided_by_the_last_term_then_by_the_index_and_the_older_gets_no_vote(
        long ownIndex, long ownTerm, long candidateIndex, long candidateTerm, bool isGranted)
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Remembers("b", Logs.InTerm(5), Logs.Of([.. Enumerable.Repeat(ownTerm, (int)ownIndex)]));

        cluster.Deliver(Says.From(cluster, "a", "b", Says.RequestVote(6, candidateIndex, candidateTerm)));

        var reply = Assert.IsType<VoteReply>(Assert.Single(cluster.Network).Message);
        Assert.Equal(isGranted, reply.IsGranted);
        Assert.Equal(isGranted ? new NodeId("a") : null, cluster["b"].Replica.Memory.VotedFor);
    }

    [Fact]
    public void Five_nodes_that_start_at_the_same_instant_elect_one_leader_within_a_few_rounds_over_1000_seeds()
    {
        var slowest = TimeSpan.Zero;
        for (var seed = 1; seed <= 1_000; seed++)
        {
            var cluster = Cluster.Seeded(seed, s_five);
            var start = cluster.Now;
            cluster.Run(TimeSpan.FromSeconds(8), () => cluster.Leader?.Replica.Leadership!.IsEstablished == true);
            Assert.True(cluster.Leader is not null, $"Seed {seed}: no leader after ten rounds of the longest election timeout.");
            Assert.True(cluster.Leader.Replica.CurrentTerm <= new Term(5), $"Seed {seed}: it took {cluster.Leader.Replica.CurrentTerm} terms.");
            slowest = cluster.Now - start > slowest ? cluster.Now - start : slowest;
        }

        Assert.InRange(slowest, TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(4));
    }

    [Fact]
    public void Leader_completeness_entry_10_committed_on_3_of_5_is_on_every_possible_new_leader()
    {
        foreach (var successor in s_five)
        {
            var cluster = Cluster.Led(s_five);
            cluster.Commit("a", [.. Enumerable.Range(2, 8).Select(index => $"{index}")]);
            cluster.Cut("a", "d");
            cluster.Cut("a", "e");
            cluster.Commit("a", "10");
            Assert.Equal(Logs.At(10), cluster["a"].Replica.CommitIndex);
            Assert.Equal(Logs.At(9), cluster["d"].Replica.Log.LastIndex);
            cluster.Heal();
            cluster.Crash("a");
            cluster.Restart("a");

            cluster.Elect(successor);

            var isPossible = successor is "a" or "b" or "c";
            Assert.Equal(isPossible, cluster[successor].Replica.Role == Role.Leader);
            Assert.Equal(isPossible, cluster[successor].Replica.Log.LastIndex > Logs.At(10));
        }
    }
}
