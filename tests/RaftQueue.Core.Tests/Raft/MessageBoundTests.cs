using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>Messages that no lawful server can have sent: they are ignored, and the shell is told.</summary>
[Trait("Category", "Fault")]
public sealed class MessageBoundTests
{
    private static readonly GroupId Group = new(0);
    private static readonly SnapshotMeta Meta = SnapshotMeta.Origin(Configuration.Empty) with { LastIncludedIndex = new LogIndex(9) };

    public static TheoryData<string> Kinds => [.. Messages(Term.Zero).Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void F16_A_term_that_no_election_can_have_reached_is_taken_over_from_no_message(string kind)
    {
        var cluster = Cluster.Led("a", "b", "c");
        var before = cluster["b"].Replica;
        foreach (var term in new[] { before.CurrentTerm.Value + Term.LargestLead + 1, Term.Largest.Value, Term.Largest.Value + 1, long.MaxValue })
        {
            cluster.Wait(cluster["b"].Options.MinElectionTimeout * 2);
            cluster.Deliver(Says.From(cluster, "c", "b", Messages(new Term(term))[kind]));

            Assert.Equal(before.Memory, cluster["b"].Replica.Memory);
            Assert.Contains(cluster["b"].Last!.Effects, effect => effect is Effect.MessageRefused refused && refused.From == new NodeId("c"));
            Assert.Empty(cluster["b"].Last!.Send);
        }

        cluster.Commit("a", "1");
        cluster.Beat("a");
        Assert.Equal("1", Assert.Single(cluster["b"].Machine));
    }

    [Fact]
    public void F16_A_server_that_was_away_for_as_many_elections_as_a_cluster_can_hold_is_led_again()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Isolate("c");
        cluster.Remembers("a", Logs.InTerm(cluster["c"].Replica.CurrentTerm.Value + Term.LargestLead - 1));
        cluster.Elect("a");
        cluster.Heal();

        cluster.Beat("a", times: 3);

        Assert.Equal(cluster["a"].Replica.CurrentTerm, cluster["c"].Replica.CurrentTerm);
        Assert.Equal(new NodeId("a"), cluster["c"].Replica.Leader);
    }

    [Fact]
    public void F16_A_server_without_data_joins_a_cluster_of_any_term()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Remembers("a", Logs.InTerm(Term.LargestLead * 3));
        cluster.Remembers("b", Logs.InTerm(Term.LargestLead * 3));
        cluster.Remembers("c", Logs.InTerm(Term.LargestLead * 3));
        cluster.Elect("a");
        cluster.Join("d");
        cluster.Change("a", new MembershipChange.Add(new NodeId("d"), cluster["d"].Incarnation));

        cluster.Beat("a", times: 5);

        Assert.Equal(cluster["a"].Replica.CurrentTerm, cluster["d"].Replica.CurrentTerm);
        Assert.Equal(cluster["a"].Replica.Log.LastIndex, cluster["d"].Replica.Log.LastIndex);
    }

    [Fact]
    public void F16_In_the_largest_term_nobody_is_elected_and_nobody_stops()
    {
        var cluster = Cluster.Of("a", "b", "c");
        foreach (var name in new[] { "a", "b", "c" })
            cluster.Remembers(name, Logs.InTerm(long.MaxValue));

        cluster.Elect("a");
        cluster.Run(TimeSpan.FromSeconds(5));

        Assert.Null(cluster.Leader);
        Assert.All(cluster.Servers, server => Assert.Equal(new Term(long.MaxValue), server.Replica.CurrentTerm));
    }

    [Fact]
    public void F16_Entries_of_a_later_term_than_their_message_are_not_stored()
    {
        var cluster = Cluster.Led("a", "b", "c");
        var (log, term) = (cluster["b"].Replica.Log, cluster["b"].Replica.CurrentTerm.Value);
        var (last, lastTerm) = (log.LastIndex.Value, log.LastTerm.Value);

        cluster.Deliver(Says.From(cluster, "a", "b", Says.Append(term, last, lastTerm, Logs.Entry(last + 1, long.MaxValue))));
        Assert.IsType<Effect.MessageRefused>(Assert.Single(cluster["b"].Last!.Effects));
        cluster.Deliver(Says.From(cluster, "a", "b", Says.Append(term, last, lastTerm, Logs.Entry(last + 2, term))));
        Assert.IsType<Effect.MessageRefused>(Assert.Single(cluster["b"].Last!.Effects));
        cluster.Deliver(Says.From(cluster, "a", "b", Says.Append(term, last, term + 1)));
        Assert.IsType<Effect.MessageRefused>(Assert.Single(cluster["b"].Last!.Effects));

        Assert.Equal(last, cluster["b"].Replica.Log.LastIndex.Value);
    }

    [Fact]
    public void F16_An_answer_to_a_round_that_was_not_begun_confirms_no_read()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1");
        var (term, match) = (cluster["a"].Replica.CurrentTerm, cluster["a"].Replica.Log.LastIndex);

        cluster.Deliver(Says.From(
            cluster, "b", "a", new AppendReply(Group, term, IsAccepted: true, match, Term.Zero, LogIndex.Zero, Round: long.MaxValue, MachineVersion: 1)));
        Assert.IsType<Effect.MessageRefused>(Assert.Single(cluster["a"].Last!.Effects));
        cluster["a"].Take(new Input.Read(1));

        Assert.DoesNotContain(cluster["a"].Effects, effect => effect is Effect.ReadReady);
        cluster.DeliverAll();
        Assert.Contains(cluster["a"].Effects, effect => effect is Effect.ReadReady);
    }

    [Fact]
    public void F16_Terms_and_indexes_never_wrap_around()
    {
        Assert.Throws<OverflowException>(() => new Term(long.MaxValue).Next);
        Assert.Throws<OverflowException>(() => new LogIndex(long.MaxValue).Next);
        Assert.Throws<OverflowException>(() => new LogIndex(long.MaxValue) + 1);
        Assert.Throws<InvalidOperationException>(() => LogIndex.Zero.Previous);
    }

    private static Dictionary<string, IPeerMessage> Messages(Term term) => new()
    {
        ["RequestVote"] = new RequestVote(Group, term, new LogIndex(99), Term.Zero, IsPreVote: false, IsTransfer: true),
        ["pre-vote"] = new RequestVote(Group, term, new LogIndex(99), Term.Zero, IsPreVote: true, IsTransfer: false),
        ["VoteReply"] = new VoteReply(Group, term, IsGranted: false, IsPreVote: false),
        ["AppendEntries"] = new AppendEntries(Group, term, LogIndex.Zero, Term.Zero, [], LogIndex.Zero, Round: 1),
        ["AppendReply"] = new AppendReply(Group, term, IsAccepted: false, LogIndex.Zero, Term.Zero, LogIndex.Zero, Round: 0, MachineVersion: 1),
        ["InstallSnapshot"] = new InstallSnapshot(Group, term, Meta, SnapshotCursor.Start, PieceLength: 0, Data: default, Round: 1),
        ["SnapshotReply"] = new SnapshotReply(Group, term, LogIndex.Zero, SnapshotProgress.Wanted, SnapshotCursor.Start, "", Round: 0),
        ["TimeoutNow"] = new TimeoutNow(Group, term),
        ["FoundingCall"] = new FoundingCall(Group, term),
        ["FoundingReply"] = new FoundingReply(Group, term, IsBlank: false),
    };
}
