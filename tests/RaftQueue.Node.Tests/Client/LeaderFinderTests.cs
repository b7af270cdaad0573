using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

public sealed class LeaderFinderTests
{
    private static readonly GroupId Group = new(0);
    private readonly LeaderFinder _finder = new(["a"]);

    [Fact]
    public void Hearsay_does_not_replace_a_leader_that_answers()
    {
        Hear("a", leader: "a");
        Assert.Empty(Hear("b", leader: "c"));
        Assert.Equal("a", Leader());
        Assert.Equal([Group], Hear("a", leader: "b"));
        Assert.Equal("b", Leader());
        Assert.Equal([Group], Hear("c", leader: "c"));
        Assert.Equal("c", Leader());
    }

    [Fact]
    public void A_lost_leader_is_believed_in_again_only_by_its_own_word()
    {
        Hear("a", leader: "b");
        _finder.Lose("b");
        Assert.Null(Leader());
        Assert.Empty(Hear("a", leader: "b"));
        Assert.Null(Leader());
        Assert.Equal([Group], Hear("b", leader: "b"));
        Assert.Equal("b", Leader());
    }

    [Fact]
    public void A_leader_that_knows_of_none_leads_no_more()
    {
        Hear("a", leader: "a");
        Hear("b", leader: null);
        Assert.Equal("a", Leader());
        Hear("a", leader: null);
        Assert.Null(Leader());
    }

    [Fact]
    public void The_leader_of_a_newer_term_is_believed_whoever_tells_of_it()
    {
        Hear("a", leader: "a", term: 5);
        Assert.Equal([Group], Hear("b", leader: "c", term: 6));
        Assert.Equal("c", Leader());
    }

    [Fact]
    public void A_leader_that_does_not_know_yet_that_it_was_deposed_is_not_believed()
    {
        Hear("a", leader: "a", term: 5);
        Hear("b", leader: "b", term: 6);
        Assert.Empty(Hear("a", leader: "a", term: 5));
        Assert.Equal("b", Leader());
    }

    [Fact]
    public void Where_no_leader_is_known_terms_that_began_anew_are_taken()
    {
        Hear("a", leader: "a", term: 50);
        _finder.Lose("a");
        Assert.Equal([Group], Hear("b", leader: "b", term: 1));
        Assert.Equal([Group], Hear("c", leader: "c", term: 2));
    }

    [Fact]
    public void Two_nodes_that_point_at_each_other_are_not_followed_for_ever()
    {
        Hear("a", leader: "a");
        var redirects = 0;
        for (var at = "a"; Leader() is not null; at = Leader()!)
        {
            Assert.True(++redirects < 10);
            _finder.Redirect(new NotLeader(Group, Node(at == "a" ? "b" : "a"), false), at);
        }

        Assert.Equal(5, redirects);
    }

    [Fact]
    public void An_answer_to_something_sent_long_ago_changes_nothing()
    {
        Hear("a", leader: "a");
        Assert.True(_finder.Redirect(new NotLeader(Group, Node("b"), false), "a"));
        Assert.False(_finder.Redirect(new NotLeader(Group, Node("c"), false), "a"));
        Assert.Equal("b", Leader());
    }

    [Fact]
    public void All_nodes_are_asked_in_turn()
    {
        Hear("a", leader: null);
        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(_ => _finder.NextNode()).Order());
    }

    private static NodeAddress Node(string name) => new(new NodeId(name), name);

    private List<GroupId> Hear(string from, string? leader, long term = 0) => _finder.Learn(
        new Welcome(1, [new GroupLeader(Group, leader is null ? null : new NodeId(leader), new Term(term))], [Node("a"), Node("b"), Node("c")]), from);

    private string? Leader() => _finder.TryLeader(Group, out var address) ? address : null;
}
