using RaftQueue.Client;
using RaftQueue.Client.Producing;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Formation;

/// <summary>Who may confirm a write.</summary>
public sealed class QuorumSpecs
{
    [Fact]
    public async Task All_writes_go_through_the_leader_and_a_follower_redirects()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        var leader = await cluster.LeaderAsync();

        foreach (var follower in cluster.Without(leader))
        {
            var redirect = Assert.IsType<NotLeader>(await follower.AskAsync(Commands.Enqueue("orders", "to a follower")));
            Assert.Equal(new NodeAddress(new NodeId(leader.Name), leader.Address), redirect.Leader);
            Assert.False(redirect.OutcomeUnknown);
            Assert.IsType<NotLeader>(await follower.AskAsync(new GetQueueStats(new QueueName("orders"))));
        }

        Assert.IsType<Enqueued>(await leader.AskAsync(Commands.Enqueue("orders", "to the leader")));
        Assert.Equal(["to the leader"], (await QueueContents.ReadAsync(client, "orders")).Values);
    }

    [Fact]
    public async Task Of_five_nodes_three_confirm_and_two_confirm_nothing()
    {
        await using var cluster = await TestCluster.StartAsync(5);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync("orders");
        await using var producer = client.CreateProducer<string>("orders", new ProducerOptions { SendTimeout = TimeSpan.FromSeconds(2) });
        await producer.SendAsync("with five");
        var leader = await cluster.LeaderAsync();
        var followers = cluster.Without(leader);

        await Task.WhenAll(followers[0].CrashAsync(), followers[1].CrashAsync());
        await producer.SendAsync("with three");

        await followers[2].CrashAsync();
        var before = (await leader.StatusAsync())!.CommitIndex;
        var refused = await Assert.ThrowsAsync<RequestTimeoutException>(() => producer.SendAsync("with two"));
        Assert.True(refused.OutcomeUnknown);
        Assert.Equal(before, (await leader.StatusAsync())!.CommitIndex);
        Assert.NotEqual("Leader", (await leader.StatusAsync())!.Role);

        followers[0].Start();
        await cluster.LeaderAsync();
        await using var next = client.CreateProducer<string>("orders");
        await next.SendAsync("with three again");
        var stored = (await QueueContents.ReadAsync(client, "orders")).Values.ToList();
        Assert.Equal(["with five", "with three"], stored.Take(2));
        Assert.Contains("with three again", stored);
        Assert.True(stored.Count(text => text == "with two") <= 1);
    }
}
