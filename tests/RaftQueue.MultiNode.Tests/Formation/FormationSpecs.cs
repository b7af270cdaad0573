using RaftQueue.Client;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Formation;

/// <summary>How a cluster comes to be.</summary>
public sealed class FormationSpecs
{
    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public async Task The_nodes_elect_one_leader_and_all_apply_what_it_confirms(int members)
    {
        await using var cluster = await TestCluster.StartAsync(members);
        var client = await cluster.ConnectAsync();
        await using var load = await Load.StartAsync(client);

        await load.VerifyAsync();

        var agreed = await cluster.AgreeAsync();
        Assert.Equal(members, agreed.Members.Voters.Count());
    }

    [Theory]
    [InlineData("n1 n2 n3")]
    [InlineData("n3 n2 n1")]
    [InlineData("n2 n3 n1")]
    public async Task Nodes_may_start_in_any_order(string order)
    {
        await using var cluster = TestCluster.Of(3);
        foreach (var name in order.Split(' '))
        {
            cluster[name].Start();
            await HasStatusAsync(cluster[name]);
        }

        await cluster.LeaderAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task The_first_start_needs_all_members_and_afterwards_a_majority_is_enough()
    {
        await using var cluster = TestCluster.Of(3);
        cluster["n1"].Start();
        cluster["n2"].Start();
        await SaysAsync(cluster["n1"], "n3 not yet");
        Assert.Null((await cluster["n1"].StatusAsync())!.Leader);

        cluster["n3"].Start();
        await cluster.LeaderAsync();
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        await cluster.AgreeAsync();
        await Task.WhenAll(cluster.Nodes.Select(node => node.CrashAsync()));

        // Neither the founder, which is also the first seed node, nor the Akka cluster that would form with it is needed any more.
        cluster["n2"].Start();
        cluster["n3"].Start();
        await cluster.LeaderAsync();
        cluster["n1"].Start();
        await cluster.LeaderAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task One_node_of_three_alone_never_leads()
    {
        await using var cluster = TestCluster.Of(3);
        cluster["n1"].Start();
        await SaysAsync(cluster["n1"], "n2, n3 not yet");

        var status = await cluster["n1"].StatusAsync();

        Assert.Equal((0, "Follower"), (status!.Term.Value, status.Role));
        Assert.Null(status.Leader);
        Assert.False(status.IsHealthy);
    }

    [Fact]
    public async Task A_founder_that_lost_its_data_founds_nothing_while_another_has_some()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        await cluster.AgreeAsync();
        await Task.WhenAll(cluster.Nodes.Select(node => node.CrashAsync()));
        cluster["n1"].DeleteData();

        cluster["n1"].Start();
        cluster["n3"].Start();
        await SaysAsync(cluster["n1"], "n3 has");
        Assert.Null((await cluster["n1"].StatusAsync())!.Leader);

        cluster["n2"].Start();
        await cluster.LeaderAsync();
        var agreed = await cluster.AgreeAsync();
        Assert.Equal(["orders"], (await client.ListQueuesAsync()).Select(queue => queue.Queue.Value));
        Assert.Equal(3, agreed.Members.Members.Length);
    }

    [Fact, Trait("Category", "Fault")]
    public async Task F05_A_node_with_another_number_of_groups_is_not_taken_in_and_both_sides_say_why()
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var client = await cluster.ConnectAsync();
        var other = cluster.AddNode("raftqueue.groups = 2");

        other.Start();
        await Eventually.HoldsAsync("both sides name the setting", async () =>
            await cluster["n1"].HasLoggedAsync("raftqueue.groups = 2, and this node with 1") && await other.HasLoggedAsync("raftqueue.groups = 1, and this node with 2"));

        var refused = await Assert.ThrowsAsync<RaftQueueException>(() => client.Admin.AddMemberAsync(other.Name));
        Assert.Contains("has not been heard of", refused.Message);
        Assert.Equal(["n1"], (await cluster["n1"].StatusAsync())!.Members.Members.Select(member => member.Id.Value));
    }

    private static Task SaysAsync(TestNode node, string reason) =>
        Eventually.HoldsAsync($"{node} says: {reason}", async () => (await node.StatusAsync())?.Health.Contains(reason, StringComparison.Ordinal) == true);

    private static Task HasStatusAsync(TestNode node) =>
        Eventually.HoldsAsync($"{node} has a replica", async () => await node.StatusAsync() is not null);
}
