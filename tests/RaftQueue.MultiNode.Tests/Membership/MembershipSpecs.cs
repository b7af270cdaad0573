using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Membership;

/// <summary>Nodes come and go while the cluster works (§6).</summary>
public sealed class MembershipSpecs
{
    [Fact]
    public async Task A_fourth_node_joins_as_a_learner_and_becomes_a_voter()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);
        var fourth = cluster.AddNode();
        fourth.Start();
        await (await cluster.LeaderAmongAsync(cluster.Without(fourth))).HearsOfAsync(fourth);

        var joined = await client.Admin.AddMemberAsync(fourth.Name);

        Assert.Equal(MemberKind.Learner, joined.Find(new NodeId(fourth.Name))!.Kind);
        await VotesAsync(cluster, fourth);
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        var agreed = await cluster.AgreeAsync();
        Assert.Equal(4, agreed.Members.Voters.Count());
    }

    [Fact]
    public async Task A_node_that_is_no_member_waits_and_never_campaigns()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        var outsider = cluster.AddNode();

        outsider.Start();
        await Eventually.HoldsAsync("it has a replica", async () => await outsider.StatusAsync() is { Role: "Follower", Term.Value: 0 });
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());

        Assert.Equal(term, (await leader.StatusAsync())!.Term);
        Assert.Empty((await outsider.StatusAsync())!.Members.Members);
    }

    [Fact]
    public async Task A_node_nobody_has_heard_of_is_not_added()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();

        var refused = await Assert.ThrowsAsync<RaftQueueException>(() => client.Admin.AddMemberAsync("n9"));

        Assert.Equal(RefusalCode.MembershipRefused, refused.Code);
        Assert.Contains("n9", refused.Message);
    }

    [Fact]
    public async Task A_follower_is_removed_and_disturbs_nobody()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        var removed = cluster.Without(leader)[0];

        await client.Admin.RemoveMemberAsync(removed.Name);
        await load.GoOnAsync(500);

        Assert.Same(leader, await cluster.LeaderAmongAsync(cluster.Without(removed)));
        Assert.Equal(term, (await leader.StatusAsync())!.Term);
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    public async Task A_leader_can_be_removed_and_another_leads()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);
        var old = await cluster.LeaderAsync();

        var members = await client.Admin.RemoveMemberAsync(old.Name);

        Assert.Null(members.Find(new NodeId(old.Name)));
        await cluster.LeaderAmongAsync(cluster.Without(old));
        await load.GoOnAsync();
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task A_node_whose_data_was_deleted_comes_back_as_a_learner_and_is_admitted_again()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var wiped = cluster.Without(leader)[0];
        var before = (await wiped.StatusAsync())!.Incarnation;
        await Eventually.HoldsAsync(
            "its first life is in the log", async () => (await leader.StatusAsync())!.Members.Find(new NodeId(wiped.Name))!.Incarnation == before);

        await wiped.CrashAsync();
        wiped.DeleteData();
        wiped.Start();
        await VotesAsync(cluster, wiped);

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        var agreed = await cluster.AgreeAsync();
        var now = agreed.Members.Find(new NodeId(wiped.Name))!;
        Assert.NotEqual(before, now.Incarnation);
        Assert.Equal((await wiped.StatusAsync())!.Incarnation, now.Incarnation);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Adding_a_node_that_is_down_does_not_stop_the_cluster()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);
        var leader = await cluster.LeaderAsync();
        var fourth = cluster.AddNode();
        fourth.Start();
        await leader.HearsOfAsync(fourth);
        await fourth.CrashAsync();

        await client.Admin.AddMemberAsync(fourth.Name);
        await cluster.Without(leader)[0].CrashAsync();
        await load.GoOnAsync();

        // Still two of three: a learner does not count (dissertation, §4.2.1).
        Assert.Equal(MemberKind.Learner, (await leader.StatusAsync())!.Members.Find(new NodeId(fourth.Name))!.Kind);
        await load.VerifyAsync();
        Assert.Empty(load.Failures);
    }

    private static Task VotesAsync(TestCluster cluster, TestNode node) => Eventually.HoldsAsync(
        $"{node} votes in its present life",
        async () =>
        {
            var own = (await node.StatusAsync())?.Incarnation;
            var leader = await cluster.LeaderAsync();
            return own is not null && (await leader.StatusAsync())!.Members.Find(new NodeId(node.Name)) is { Kind: MemberKind.Voter } member && member.Incarnation == own;
        });
}
