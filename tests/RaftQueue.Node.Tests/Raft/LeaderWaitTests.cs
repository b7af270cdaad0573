using Akka.Event;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Gateway;
using RaftQueue.Node.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>A node that waits says for whom: in its log once a minute, and to clients.</summary>
public sealed class LeaderWaitTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly NodeId[] s_three = [Members.Node(1), Members.Node(2), Members.Node(3)];

    [Fact]
    [Trait("Category", "Fault")]
    public void F27_A_founder_that_waits_for_its_peers_logs_whom_it_waits_for_once_a_minute()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        var bench = Founding();

        for (var second = 0; second < 130; second++)
            bench.Scheduler.Advance(TimeSpan.FromSeconds(1));

        var line = "Group 0: Founding the cluster waits for n2, n3. The first start needs all of n1, n2, n3.";
        Assert.Equal([line, line, line], Logged());
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F27_Who_has_answered_is_not_waited_for_any_more()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        var bench = Founding();
        for (var second = 0; second < 10; second++)
            bench.Scheduler.Advance(TimeSpan.FromSeconds(1));
        Logged();

        bench.Hear(2, new FoundingReply(Members.Group, Term.Zero, IsBlank: true));
        for (var second = 0; second < 10; second++)
            bench.Scheduler.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(["Group 0: Founding the cluster waits for n3. The first start needs all of n1, n2, n3."], Logged());
        Assert.Equal(
            "Founding the cluster waits for n3. The first start needs all of n1, n2, n3.",
            ReplicaBench.Told(bench.Gateway).OfType<LeaderAwaited>().Last().Reason);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F27_A_group_that_has_a_leader_logs_no_wait_and_an_election_is_too_short_for_one()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Warning));
        var wait = default(LeaderWaitLog);
        for (var second = 0; second < 4; second++)
            Assert.False(wait.IsDue("no leader", TimeSpan.FromSeconds(second)));
        Assert.False(wait.IsDue(null, TimeSpan.FromSeconds(4)));
        Assert.False(wait.IsDue("no leader", TimeSpan.FromSeconds(5)));
        Assert.True(wait.IsDue("no leader", TimeSpan.FromSeconds(10)));
        Assert.Empty(Logged());
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData(2, "n1, n2, n3", "Founding the cluster is up to n1, which has not done it yet. The first start needs all of n1, n2, n3.")]
    [InlineData(4, "", "This node has no data and no first members: it waits to be added to a cluster (member add n4).")]
    public void F27_Every_kind_of_wait_is_named(int self, string members, string reason)
    {
        var first = members.Length > 0 ? s_three : [];
        var options = new RaftOptions { FirstMembers = [.. first] };

        Assert.Equal(reason, LeaderWait.ReasonOf(Replica.Wake(Members.Identity(self), options, Memory.Empty, TimeSpan.Zero)));
    }

    private ReplicaBench Founding() => new(
        this, memory: Memory.Empty, settings: Members.Settings with { Rules = Members.Settings.Rules with { FirstMembers = [.. s_three] } });

    private List<string> Logged()
    {
        Sys.Log.Warning("end");
        var lines = new List<string>();
        while (ExpectMsg<Warning>(TimeSpan.FromSeconds(30)).Message.ToString() is { } line && line != "end")
            lines.Add(line);
        return lines;
    }
}
