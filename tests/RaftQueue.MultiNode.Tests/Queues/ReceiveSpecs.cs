using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Queues;

/// <summary>Messages are handed out, and settled.</summary>
[Collection(SharedCluster.Name)]
public sealed class ReceiveSpecs(SharedCluster shared) : QueueSpecs(shared)
{
    private static readonly TimeSpan ShortLease = TimeSpan.FromMilliseconds(300);

    [Fact]
    public async Task A_pull_gives_messages_in_order_and_no_more_than_asked_for()
    {
        var queue = await DeclareWithAsync(null, "a", "b", "c");

        var pulled = await Client.ReceiveAsync<string>(queue, 2);

        Assert.Equal(["a", "b"], pulled.Select(message => message.Payload));
        Assert.All(pulled, message => Assert.Equal(1, message.DeliveryCount));
    }

    [Fact]
    public async Task A_pull_of_an_empty_queue_is_empty_when_its_wait_is_over()
    {
        var queue = await DeclareAsync();

        Assert.Empty(await Client.ReceiveAsync<string>(queue, 1, TimeSpan.FromMilliseconds(100)));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F06_A_cancelled_pull_takes_no_message_and_counts_for_nothing()
    {
        var queue = await DeclareAsync(new QueueOptions { DeliveryLimit = 1 });
        using (var cancellation = new CancellationTokenSource())
        {
            var leader = await Cluster.LeaderAsync();
            var before = (await leader.StatusAsync())!.LastIndex;
            var pulls = Enumerable.Range(0, 20).Select(_ => Client.ReceiveAsync<string>(queue, 1, Wait, cancellation: cancellation.Token)).ToList();
            await Eventually.HoldsAsync("the pulls are in the log", async () => await leader.StatusAsync() is { } status && status.LastIndex.Value >= before.Value + 20);
            await cancellation.CancelAsync();
            await SendAsync(queue, "a", "b", "c");
            foreach (var pull in pulls)
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pull);
        }

        var received = new List<(string, int)>();
        while (received.Count < 3)
            received.AddRange((await Client.ReceiveAsync<string>(queue, 3, Wait)).Select(message => (message.Payload, message.DeliveryCount)));
        Assert.Equal([("a", 1), ("b", 1), ("c", 1)], received.Order());
    }

    [Fact]
    public async Task A_waiting_pull_gets_the_next_message()
    {
        var queue = await DeclareAsync();
        var leader = await Cluster.LeaderAsync();
        var before = (await Cluster.AgreeAsync()).LastIndex;
        var waiting = Client.ReceiveAsync<string>(queue, 1, Wait);
        await Eventually.HoldsAsync("the pull is in the log", async () => await leader.StatusAsync() is { } status && status.LastIndex > before);

        await SendAsync(queue, "here");

        Assert.Equal("here", Assert.Single(await waiting).Payload);
    }

    [Fact]
    public async Task A_subscription_gets_everything_in_order()
    {
        var queue = await DeclareAsync();
        await using var consumer = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 10 });
        var texts = Enumerable.Range(1, 200).Select(i => $"{i}").ToArray();
        await SendAsync(queue, texts);

        var received = new List<string>();
        await foreach (var message in consumer)
        {
            received.Add(message.Payload);
            await message.AckAsync();
            if (received.Count == texts.Length)
                break;
        }

        Assert.Equal(texts, received);
        Assert.Equal(200, (await Client.GetQueueStatsAsync(queue)).Acknowledged);
    }

    [Fact]
    public async Task A_subscription_holds_no_more_than_its_prefetch()
    {
        var queue = await DeclareWithAsync(null, "a", "b", "c", "d");
        await using var consumer = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 3 });

        await TakeAsync(consumer, 3);

        var stats = await Client.GetQueueStatsAsync(queue);
        Assert.Equal((3, 1), (stats.Leased, stats.Ready));
    }

    [Fact]
    public async Task An_acknowledged_message_never_comes_back()
    {
        var queue = await DeclareWithAsync(null, "a");
        await (await ReceiveOneAsync(queue, ShortLease)).AckAsync();

        Assert.Empty(await Client.ReceiveAsync<string>(queue, 1, 2 * ShortLease));
    }

    [Fact]
    public async Task A_released_message_returns_to_its_place_with_a_higher_count()
    {
        var queue = await DeclareWithAsync(null, "a", "b");
        await (await ReceiveOneAsync(queue)).ReleaseAsync();

        var again = await ReceiveOneAsync(queue);

        Assert.Equal(("a", 2), (again.Payload, again.DeliveryCount));
    }

    [Fact]
    public async Task After_its_lease_a_message_comes_again_and_the_stale_acknowledgement_is_refused()
    {
        var queue = await DeclareWithAsync(null, "a");
        var slept = await ReceiveOneAsync(queue, ShortLease);

        var again = await ReceiveOneAsync(queue);

        Assert.Equal("a", again.Payload);
        Assert.True(again.FencingToken > slept.FencingToken);
        var refused = await Assert.ThrowsAsync<StaleLeaseException>(() => slept.AckAsync());
        Assert.False(refused.OutcomeUnknown);
        await again.AckAsync();
    }

    [Fact]
    public async Task An_extended_lease_lasts()
    {
        var queue = await DeclareWithAsync(null, "a");
        var held = await ReceiveOneAsync(queue, TimeSpan.FromSeconds(3));

        await held.ExtendAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(await Client.ReceiveAsync<string>(queue, 1, TimeSpan.FromSeconds(3.5)));
        await held.AckAsync();
    }

    [Fact]
    public async Task What_a_closed_consumer_held_returns_in_order_and_counts_only_where_it_was_started()
    {
        var queue = await DeclareWithAsync(null, "a", "b", "c");
        await using (var consumer = Client.CreateConsumer<string>(queue))
            await TakeAsync(consumer, 1);

        var again = await Client.ReceiveAsync<string>(queue, 3, Wait);

        Assert.Equal([("a", 2), ("b", 1), ("c", 1)], again.Select(message => (message.Payload, message.DeliveryCount)));
    }

    [Fact]
    public async Task Two_consumers_share_a_queue_and_nothing_goes_to_both()
    {
        var queue = await DeclareAsync();
        await using var first = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 5 });
        await using var second = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 5 });
        await BecomesAsync(queue, "both have subscribed", stats => stats.Consumers == 2);
        await SendAsync(queue, [.. Enumerable.Range(1, 10).Select(i => $"{i}")]);

        var taken = await Task.WhenAll(TakeAsync(first, 5), TakeAsync(second, 5));

        Assert.Equal(10, taken.SelectMany(messages => messages).Select(message => message.Payload).Distinct().Count());
    }

    [Fact]
    public async Task A_subscription_goes_on_at_the_next_leader()
    {
        var queue = await DeclareAsync();
        await using var consumer = Client.CreateConsumer<string>(queue, new ConsumerOptions { Prefetch = 2 });
        await SendAsync(queue, "a", "b");
        var held = (await TakeAsync(consumer, 2))[0];

        await Client.Admin.TransferLeadershipAsync();
        await SendAsync(queue, "c");
        await held.AckAsync();

        Assert.Equal("c", Assert.Single(await TakeAsync(consumer, 1)).Payload);
    }

    [Fact]
    public async Task The_consumer_of_a_deleted_queue_is_told()
    {
        var queue = await DeclareAsync();
        await using var consumer = Client.CreateConsumer<string>(queue);
        await BecomesAsync(queue, "it has subscribed", stats => stats.Consumers == 1);

        await Client.DeleteQueueAsync(queue);

        await Assert.ThrowsAsync<QueueNotFoundException>(() => TakeAsync(consumer, 1));
    }

    [Fact]
    public async Task What_a_client_that_died_held_returns()
    {
        var queue = await DeclareWithAsync(new QueueOptions { Lease = TimeSpan.FromMinutes(5) }, "a");
        using var system = Akka.Actor.ActorSystem.Create("application", ClientSystems.Config);
        var options = new RaftQueueClientOptions();
        options.Nodes.Add(Cluster.Nodes[0].Address);
        var client = await RaftQueueClient.ConnectAsync(system, options);
        await TakeAsync(client.CreateConsumer<string>(queue), 1);

        await system.Terminate();

        Assert.Equal("a", (await ReceiveOneAsync(queue)).Payload);
    }
}
