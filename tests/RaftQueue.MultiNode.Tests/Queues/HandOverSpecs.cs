using RaftQueue.Client.Consuming;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>What applications are handed when leaders change and majorities are lost, on clusters with disks.</summary>
[Trait("Category", "Fault")]
public sealed class HandOverSpecs
{
    private const string Queue = "jobs";

    [Fact]
    public async Task F02_A_message_that_is_held_through_a_planned_transfer_is_handed_over_once()
    {
        const int prefetch = 4, others = 40;
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue);
        await using var producer = client.CreateProducer<string>(Queue);
        await producer.SendBatchAsync([.. Enumerable.Range(0, others + 1).Select(i => $"{i}")]);
        await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = prefetch });
        await using var messages = consumer.GetAsyncEnumerator();
        var held = await NextAsync(messages);
        for (var i = 0; i < others; i++)
            await (await NextAsync(messages)).AckAsync();

        for (var transfer = 0; transfer < 2; transfer++)
        {
            await client.Admin.TransferLeadershipAsync();
            await producer.SendAsync("next");
            var next = await NextAsync(messages);
            Assert.Equal(("next", 1), (next.Payload, next.DeliveryCount));
            await next.AckAsync();
        }

        await held.AckAsync();
        Assert.Equal(0, (await client.GetQueueStatsAsync(Queue)).Leased);
    }

    [Fact]
    public async Task F22_What_was_handed_over_before_the_majority_was_lost_is_no_first_delivery_afterwards()
    {
        const int count = 20;
        var lease = TimeSpan.FromSeconds(2);
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromSeconds(5));
        await client.DeclareQueueAsync(Queue, new QueueOptions { Lease = lease });
        await using var producer = client.CreateProducer<string>(Queue);
        await producer.SendBatchAsync([.. Enumerable.Range(0, count).Select(i => $"{i}")]);
        await using var consumer = client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = count });
        await using var messages = consumer.GetAsyncEnumerator();
        for (var i = 0; i < count; i++)
            Assert.Equal(1, (await NextAsync(messages)).DeliveryCount);

        var leader = await cluster.LeaderAsync();
        TestNode[] lost = [leader, cluster.Without(leader)[0]];
        await Task.WhenAll(lost.Select(node => node.CrashAsync()));
        var end = DateTimeOffset.UtcNow + lease;
        await Eventually.HoldsAsync("the leases have ended", () => Task.FromResult(DateTimeOffset.UtcNow > end));
        foreach (var node in lost)
            node.Start();
        await cluster.LeaderAsync();

        for (var i = 0; i < count; i++)
        {
            var again = await NextAsync(messages);
            Assert.True(again.DeliveryCount > 1, $"message {again.Sequence} is handed over again as delivery {again.DeliveryCount}");
            await again.AckAsync();
        }
    }

    [Fact]
    public async Task F13_A_queue_that_is_deleted_and_declared_again_goes_on_with_larger_tokens()
    {
        await using var cluster = await TestCluster.StartAsync(3);
        var client = await cluster.ConnectAsync();
        var largest = 0L;
        for (var life = 0; life < 3; life++)
        {
            await client.DeclareQueueAsync(Queue);
            await using (var producer = client.CreateProducer<string>(Queue))
                await producer.SendBatchAsync(["a", "b", "c"]);
            var pulled = await client.ReceiveAsync<string>(Queue, 3, TimeSpan.FromSeconds(30));
            Assert.All(pulled, message => Assert.True(message.FencingToken > largest, $"{message.FencingToken} after {largest}"));
            largest = pulled.Max(message => message.FencingToken);
            await client.DeleteQueueAsync(Queue);
        }
    }

    private static async Task<ReceivedMessage<string>> NextAsync(IAsyncEnumerator<ReceivedMessage<string>> messages)
    {
        Assert.True(await messages.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60)));
        return messages.Current;
    }
}
