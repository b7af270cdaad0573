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
    public async Task A_majority_forms_without_the_first_seed_node_which_then_follows()
    {
        await using var cluster = TestCluster.Of(3);
        cluster["n2"].Start();
        cluster["n3"].Start();
        await cluster.LeaderAsync();
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");

        cluster["n1"].Start();

        await cluster.LeaderAsync();
        await cluster.AgreeAsync();
    }

    [Fact]
    public async Task One_node_of_three_alone_never_leads()
    {
        await using var cluster = TestCluster.Of(3);
        cluster["n2"].Start();
        // It asks for votes and gets none: pre-vote keeps its term at 0 (§5.2; dissertation, §9.6).
        await Eventually.HoldsAsync("n2 is a candidate", async () => await cluster["n2"].StatusAsync() is { Role: "Candidate" });

        var status = await cluster["n2"].StatusAsync();

        Assert.Equal(0, status!.Term.Value);
        Assert.Null(status.Leader);
        Assert.False(status.IsHealthy);
    }

    private static Task HasStatusAsync(TestNode node) =>
        Eventually.HoldsAsync($"{node} has a replica", async () => await node.StatusAsync() is not null);
}
