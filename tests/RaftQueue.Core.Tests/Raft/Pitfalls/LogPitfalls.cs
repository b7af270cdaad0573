using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft.Pitfalls;

/// <summary>Rows 1 to 7: what is remembered, and what commits.</summary>
[Trait("Category", "Pitfall")]
public sealed class LogPitfalls
{
    [Fact]
    public void Pitfall_01_a_vote_survives_a_crash_at_every_persistence_point()
    {
        foreach (var isWritten in new[] { false, true })
        {
            var cluster = Cluster.Of("a", "b", "c");
            cluster["c"].HoldsWrites = true;
            cluster.Deliver(Says.From(cluster, "a", "c", Says.RequestVote(1, 0, 0)));
            if (isWritten)
                cluster["c"].CompleteWrites();
            cluster.Restart("c");

            cluster.Deliver(Says.From(cluster, "b", "c", Says.RequestVote(1, 0, 0)));

            var granted = cluster.Network.Where(envelope => envelope.Message is VoteReply { IsGranted: true }).Select(envelope => envelope.To);
            Assert.Equal([new NodeId(isWritten ? "a" : "b")], granted);
        }
    }

    [Fact]
    public void Pitfall_02_a_restarted_replica_wakes_as_a_follower_with_its_vote()
    {
        var cluster = Cluster.Led("a", "b", "c");

        cluster.Restart("a");
        cluster.Deliver(Says.From(cluster, "b", "a", Says.RequestVote(1, 99, 1)));

        Assert.Equal((Role.Follower, new NodeId("a")), (cluster["a"].Replica.Role, cluster["a"].Replica.Memory.VotedFor));
        Assert.False(Assert.IsType<VoteReply>(Assert.Single(cluster.Network).Message).IsGranted);
    }

    [Fact]
    public void Pitfall_03_an_entry_of_an_older_term_does_not_commit_by_counting_Figure_8()
    {
        var cluster = Cluster.Of("s1", "s2", "s3", "s4", "s5");
        // (b): s1 led term 2 and replicated entry 2 to s2 only; s5 led term 3 and has another entry 2.
        cluster.Remembers("s1", Logs.InTerm(3), Logs.Of(1, 2));
        cluster.Remembers("s2", Logs.InTerm(3), Logs.Of(1, 2));
        cluster.Remembers("s3", Logs.InTerm(3), Logs.Of(1));
        cluster.Remembers("s4", Logs.InTerm(3), Logs.Of(1));
        cluster.Remembers("s5", Logs.InTerm(3), Logs.Of(1, 3));

        // (c): s1 leads term 4 and brings entry 2 to a majority; nobody but itself gets its own entry 3.
        cluster.Crash("s5");
        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster["s1"].Take(new Input.ElectionTimeout());
        while (cluster["s1"].Replica.Role != Role.Leader || new[] { "s3", "s4" }.Any(node => cluster[node].Replica.Log.LastIndex < Logs.At(2)))
        {
            var next = cluster.Network.First();
            cluster.Lose(envelope => ReferenceEquals(envelope, next));
            if (next.Message is AppendEntries { Entries: [{ Index.Value: 2 }, ..] } append)
                next = next with { Message = append with { Entries = [append.Entries[0]] } };
            if (next.Message is not AppendEntries { Entries: [{ Index.Value: 3 }, ..] } || next.To != new NodeId("s2"))
                cluster.Deliver(next);
        }

        foreach (var reply in cluster.Intercept(envelope => envelope.Message is AppendReply))
            cluster.Deliver(reply);
        Assert.All(new[] { "s3", "s4" }, node => Assert.Equal(Logs.At(2), cluster["s1"].Replica.Leadership!.Find(new NodeId(node))!.MatchIndex));
        Assert.Equal(LogIndex.Zero, cluster["s1"].Replica.CommitIndex);

        // (d): so s5 may still win, and overwrite entry 2 everywhere without breaking a promise.
        cluster.Crash("s1");
        cluster.Lose();
        cluster["s5"].Start();
        foreach (var _ in new[] { 1, 2 })
            cluster.Elect("s5");
        Assert.Equal(Role.Leader, cluster["s5"].Replica.Role);
        Assert.Equal(new Term(3), cluster["s3"].Replica.Log.TermAt(Logs.At(2)));
    }

    [Fact]
    public void Pitfall_04_a_follower_commits_no_further_than_an_append_has_verified()
    {
        var cluster = Cluster.Of("a", "b", "c");
        cluster.Remembers("b", Logs.InTerm(2), Logs.Of(1, 2, 2));

        cluster.Deliver(Says.From(cluster, "a", "b", Says.Append(3, 1, 1) with { LeaderCommit = Logs.At(3) }));

        Assert.Equal(Logs.At(1), cluster["b"].Replica.CommitIndex);
    }

    [Fact]
    public void Pitfall_05_stale_and_doubled_replies_and_those_beyond_the_log_do_not_count()
    {
        var cluster = Cluster.Led("a", "b", "c", "d", "e");
        cluster.Propose("a", "x");
        cluster.Lose();
        AppendReply Reply(long term, long match) =>
            new(cluster.Group, new Term(term), IsAccepted: true, Logs.At(match), Term.Zero, LogIndex.Zero, Round: 0, MachineVersion: 1);

        foreach (var reply in new[] { Reply(0, 2), Reply(1, 99), Reply(1, 1) })
        {
            cluster.Deliver(Says.From(cluster, "c", "a", reply));
            cluster.Deliver(Says.From(cluster, "d", "a", reply));
        }

        for (var copies = 0; copies < 3; copies++)
            cluster.Deliver(Says.From(cluster, "b", "a", Reply(1, 2)));
        Assert.Equal(Logs.At(1), cluster["a"].Replica.CommitIndex);
        cluster.Deliver(Says.From(cluster, "b", "a", Reply(1, 1)));
        Assert.Equal(Logs.At(2), cluster["a"].Replica.Leadership!.Find(new NodeId("b"))!.MatchIndex);
        cluster.Deliver(Says.From(cluster, "c", "a", Reply(1, 2)));
        Assert.Equal(Logs.At(2), cluster["a"].Replica.CommitIndex);
    }

    [Fact]
    public void Pitfall_06_a_delayed_append_removes_nothing_that_matches_or_is_committed()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Propose("a", "1");
        var delayed = cluster.Network.Single(envelope => envelope.To == new NodeId("b"));
        cluster.DeliverAll();
        cluster.Commit("a", "2", "3");
        cluster.Beat("a");

        cluster.Deliver(delayed);
        Assert.Equal(Logs.At(4), cluster["b"].Replica.Log.LastIndex);
        cluster.Elect("c");
        cluster.Deliver(delayed); // now its leader's term is over
        Assert.Equal(["1", "2", "3"], cluster["b"].Machine);

        var overwriting = Says.Append(2, 1, 1, Logs.Entry(2, 2));
        Assert.Throws<InvariantViolation>(() => cluster.Deliver(Says.From(cluster, "c", "b", overwriting)));
    }

    [Fact]
    public void Pitfall_07_a_write_that_completes_in_a_later_term_confirms_nothing()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Isolate("a");
        cluster["a"].HoldsWrites = true;
        cluster.Propose("a", "lost");
        var mark = cluster["a"].Replica.Mark;
        Assert.Equal(new WriteMark(new Term(1), Logs.At(2), new Term(1)), mark);
        cluster.Elect("b");
        cluster.Heal();
        cluster["a"].HoldsWrites = false;
        cluster["a"].CompleteWrites();
        cluster.Beat("b", 2);
        cluster.Wait(TimeSpan.FromSeconds(1));
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Role != Role.Leader)
        {
            foreach (var message in cluster.Intercept(envelope => envelope.Message is RequestVote or VoteReply))
                cluster.Deliver(message);
            cluster["a"].HoldsWrites |= cluster["a"].Replica.CurrentTerm == new Term(3);
        }

        // It leads term 3, with its no-op unwritten, when the old write reports.
        cluster["a"].Take(new Input.Written(mark));
        cluster["a"].Take(new Input.Written(new WriteMark(new Term(2), Logs.At(2), new Term(2))));

        Assert.Equal(LogIndex.Zero, cluster["a"].Replica.Leadership!.DurableIndex);
    }
}
