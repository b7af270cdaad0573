using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>How a group begins: the first of the listed members founds it, when all the others have said that they know of none.</summary>
public sealed class FoundingTests
{
    [Fact]
    public void A_group_is_founded_by_the_first_member_with_the_lives_that_answered()
    {
        var cluster = Started("a", "b", "c");

        cluster.Elect("a");

        Assert.Equal(Role.Leader, cluster["a"].Replica.Role);
        Assert.All(cluster["a"].Replica.Log.Configuration.Members, member => Assert.Equal(cluster[member.Id.Value].Incarnation, member.Incarnation));
        Assert.Equal(3, cluster["a"].Replica.Log.Configuration.Voters.Count());
        Assert.Single(cluster["a"].Effects.OfType<Effect.Founded>());
    }

    [Fact]
    public void The_log_opens_with_the_members_and_the_others_learn_them_there()
    {
        var cluster = Started("a", "b", "c");

        cluster.Elect("a");

        Assert.Equal(EntryKind.Configuration, cluster["b"].Replica.Log[Logs.At(1)].Kind);
        Assert.Equal(cluster["a"].Replica.Log.Configuration, cluster["b"].Replica.Log.Configuration);
        Assert.DoesNotContain(cluster["b"].Journal, @event => @event is Bootstrapped);
    }

    [Theory]
    [InlineData("b")]
    [InlineData("c")]
    public void Nobody_but_the_first_member_founds(string other)
    {
        var cluster = Started("a", "b", "c");
        cluster.Crash("a");

        for (var timeout = 0; timeout < 5; timeout++)
            cluster.Elect(other);

        Assert.Null(cluster.Leader);
        Assert.All(cluster.Servers, server => Assert.Empty(server.Journal));
    }

    [Fact]
    public void The_founder_waits_for_the_last_of_the_members()
    {
        var cluster = Cluster.Blank(1, new RaftOptions(), "a", "b", "c", "d", "e");
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            cluster[name].Start();
            cluster.Elect("a");
            Assert.True(cluster["a"].Replica.Log.IsBlank);
        }

        Assert.Equal(3, cluster["a"].Replica.RollCall!.Blank.Length);
        cluster["e"].Start();
        cluster.Elect("a");

        Assert.Equal(Role.Leader, cluster["a"].Replica.Role);
    }

    [Fact]
    public void Where_one_member_knows_of_a_group_none_is_founded()
    {
        var cluster = Started("a", "b", "c");
        cluster.Elect("a");
        cluster.Wipe("a");
        cluster.Lose();

        cluster.Elect("a");

        Assert.True(cluster["a"].Replica.Log.IsBlank);
        Assert.Equal(["b", "c"], cluster["a"].Replica.RollCall!.Settled.Select(node => node.Value).Order());
    }

    [Fact]
    public void An_answer_to_a_former_life_of_the_founder_does_not_count()
    {
        var cluster = Started("a", "b", "c");
        cluster["a"].Take(new Input.ElectionTimeout());
        foreach (var call in cluster.Intercept(_ => true))
            cluster.Deliver(call);
        var answers = cluster.Intercept(envelope => envelope.Message is FoundingReply { IsBlank: true });
        cluster.Wipe("a");
        cluster["a"].Take(new Input.ElectionTimeout());
        cluster.Lose();

        Assert.Equal(2, answers.Count);
        foreach (var answer in answers)
            cluster.Deliver(answer);

        Assert.True(cluster["a"].Replica.Log.IsBlank);
        Assert.Empty(cluster["a"].Replica.RollCall!.Blank);
    }

    [Fact]
    public void A_founder_that_restarts_before_it_was_elected_goes_on_with_the_group_that_it_founded()
    {
        var cluster = Started("a", "b", "c");
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Log.IsBlank)
            DeliverNext(cluster);
        cluster.Lose();
        var founded = cluster["a"].Replica.Log.Configuration;

        cluster.Restart("a");
        Assert.Equal(founded, cluster["a"].Replica.Log.Configuration);
        cluster.Elect("a");

        Assert.Equal(Role.Leader, cluster["a"].Replica.Role);
        Assert.Single(cluster["a"].Journal.OfType<Bootstrapped>());
    }

    [Fact]
    public void A_founder_that_is_wiped_before_anybody_has_an_entry_founds_again_even_where_it_was_voted_for()
    {
        var cluster = Started("a", "b", "c");
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Role != Role.Leader)
        {
            foreach (var message in cluster.Intercept(_ => true))
                cluster.Deliver(message);
        }

        Assert.Equal(new NodeId("a"), cluster["b"].Replica.Memory.VotedFor);
        var led = cluster["a"].Replica.CurrentTerm;
        cluster.Wipe("a");
        cluster.Lose();
        cluster.Run(TimeSpan.FromSeconds(20), () => cluster.Leader?.Replica.CommitIndex > LogIndex.Zero);

        Assert.Equal(cluster["a"].Incarnation, cluster.Leader!.Replica.Log.Configuration.Find(new NodeId("a"))!.Incarnation);
        Assert.True(cluster.Leader!.Replica.CurrentTerm > led, "two lives of one server led the same term");
    }

    [Fact]
    public void A_member_that_is_wiped_after_it_answered_is_taken_in_by_the_others()
    {
        var cluster = Started("a", "b", "c");
        cluster["a"].Take(new Input.ElectionTimeout());
        while (cluster["a"].Replica.Log.IsBlank)
            DeliverNext(cluster);
        cluster.Wipe("b");

        cluster.Run(TimeSpan.FromSeconds(20), () => cluster.Leader?.Replica.Log.Configuration.Find(new NodeId("b"))?.Incarnation == cluster["b"].Incarnation);

        Assert.Equal(cluster["b"].Incarnation, cluster.Leader!.Replica.Log.Configuration.Find(new NodeId("b"))!.Incarnation);
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData("a")]
    [InlineData("b")]
    public void Pitfall_10_where_a_later_member_was_heard_the_first_ones_found_no_second_group(string hears)
    {
        var cluster = Started("a", "b", "c");
        var later = new RequestVote(new GroupId(0), new Term(6), Logs.At(149), new Term(5), IsPreVote: true, IsTransfer: false);
        cluster[hears].Take(new Input.Received(new Envelope(
            new NodeId("d"), new Incarnation(Guid.NewGuid()), new NodeId(hears), Incarnation.Unknown, later)));

        cluster.Run(TimeSpan.FromSeconds(10), () => cluster.Leader is not null);

        Assert.Null(cluster.Leader);
        Assert.All(cluster.Servers, server => Assert.True(server.Replica.Log.IsBlank));
    }

    [Fact]
    public void One_server_is_a_group_of_its_own()
    {
        var cluster = Started("a");

        cluster.Elect("a");
        cluster.Commit("a", "1");

        Assert.Equal(["1"], cluster["a"].Machine);
    }

    [Fact]
    public void A_server_that_is_given_no_members_waits_and_lets_itself_be_founded_in()
    {
        var cluster = Started("a", "b");
        cluster.Wipe("b");
        cluster["b"].Options = new RaftOptions();
        cluster.Restart("b");

        cluster.Elect("b");
        Assert.Null(cluster.Leader);
        cluster.Elect("a");

        Assert.True(cluster["b"].Replica.Log.Configuration.HasVoter(new NodeId("b")));
    }

    private static void DeliverNext(Cluster cluster)
    {
        var next = cluster.Network.First();
        cluster.Lose(envelope => ReferenceEquals(envelope, next));
        cluster.Deliver(next);
    }

    private static Cluster Started(params string[] nodes)
    {
        var cluster = Cluster.Blank(1, new RaftOptions(), nodes);
        foreach (var server in cluster.Servers)
            server.Start();
        return cluster;
    }
}
