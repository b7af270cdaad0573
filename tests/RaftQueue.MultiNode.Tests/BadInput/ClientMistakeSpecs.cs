using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.MultiNode.Tests.Queues;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>What applications get wrong: each gives one clear error to whoever caused it, and the node goes on.</summary>
[Collection(SharedCluster.Name)]
public sealed class ClientMistakeSpecs(SharedCluster shared) : QueueSpecs(shared)
{
    [Fact]
    public async Task An_unknown_queue_is_named()
    {
        await using var producer = Client.CreateProducer<string>("nowhere");
        await using var consumer = Client.CreateConsumer<string>("nowhere");

        Assert.Contains("nowhere", (await Assert.ThrowsAsync<QueueNotFoundException>(() => producer.SendAsync("a"))).Message);
        Assert.Contains("nowhere", (await Assert.ThrowsAsync<QueueNotFoundException>(() => TakeAsync(consumer, 1))).Message);
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.ReceiveAsync<string>("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.GetQueueStatsAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.PeekAsync<string>("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.PurgeQueueAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.DeleteQueueAsync("nowhere"));
        await Assert.ThrowsAsync<QueueNotFoundException>(() => Client.RedriveAsync("nowhere"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("with blank")]
    [InlineData("../up")]
    public async Task A_name_that_is_none_is_refused_by_the_client_and_by_the_node(string name)
    {
        var byClient = await Assert.ThrowsAsync<RaftQueueException>(() => Client.DeclareQueueAsync(name));
        Assert.Equal(RefusalCode.InvalidName, byClient.Code);

        var leader = await Cluster.LeaderAsync();
        var byNode = Assert.IsType<Refused>(await leader.AskAsync(new DeclareQueue(new QueueName(name), QueueOptions.Default)));
        Assert.Equal(RefusalCode.InvalidName, byNode.Code);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_by_the_client_and_by_the_node_and_the_producer_goes_on()
    {
        var queue = await DeclareAsync();
        await using var producer = Client.CreateProducer<string>(queue);
        var tooLarge = new string('x', Bounds.MaxMessageBytes + 1);

        var byClient = await Assert.ThrowsAsync<RaftQueueException>(() => producer.SendAsync(tooLarge));
        Assert.Equal(RefusalCode.TooLarge, byClient.Code);
        var byNode = Assert.IsType<Refused>(await (await Cluster.LeaderAsync()).AskAsync(Commands.Enqueue(queue, tooLarge)));
        Assert.Equal(RefusalCode.TooLarge, byNode.Code);

        var largest = new string('x', Bounds.MaxMessageBytes - 100);
        await producer.SendAsync(largest);
        Assert.Equal([largest], await StoredAsync(queue));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(Bounds.MaxReceive + 1)]
    public async Task Receiving_none_or_too_many_is_refused_by_the_client_and_by_the_node(int count)
    {
        var queue = await DeclareAsync();
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Client.ReceiveAsync<string>(queue, count));

        var receive = new Receive(new QueueName(queue), ConsumerId.New(), count, TimeSpan.Zero, TimeSpan.Zero);
        var refused = Assert.IsType<Refused>(await (await Cluster.LeaderAsync()).AskAsync(receive));

        Assert.Contains("max messages", refused.Message);
    }

    [Fact]
    public async Task An_unknown_token_is_refused_by_name_and_the_rest_of_the_command_counts()
    {
        var queue = await DeclareWithAsync(null, "a");
        var leader = await Cluster.LeaderAsync();
        var consumer = ConsumerId.New();
        var received = Assert.IsType<Received>(await leader.AskAsync(new Receive(new QueueName(queue), consumer, 1, TimeSpan.Zero, TimeSpan.Zero)));
        var held = Assert.Single(received.Deliveries.ToList());

        var settled = Assert.IsType<Settled>(await leader.AskAsync(new Settle(new QueueName(queue), consumer, held.Token,
        [
            new Settlement(SettlementKind.Ack, 12345, 999, ""),
            new Settlement(SettlementKind.Ack, held.Sequence, held.Token, ""),
        ])));

        var refused = Assert.Single(settled.Refused);
        Assert.Equal((12345L, 999L, RefusalCode.StaleLease), (refused.Sequence, refused.Token, refused.Refusal.Code));
        Assert.Equal(1, (await Client.GetQueueStatsAsync(queue)).Acknowledged);
    }

    [Fact]
    public async Task A_payload_of_a_type_that_is_not_registered_is_neither_sent_nor_read()
    {
        var queue = await DeclareAsync();
        var sender = Assert.Throws<UnregisteredTypeException>(() => Client.CreateProducer<Uri>(queue));
        Assert.Contains("Uri", sender.TypeName);

        await using var producer = Client.CreateProducer<Order>(queue);
        await producer.SendAsync(new Order(1, "Ada"));
        var stranger = await Cluster.ConnectAsync(options => options.RegisterType<Invoice>("invoice"));
        var message = Assert.Single(await stranger.ReceiveAsync<Invoice>(queue, 1, Wait));

        Assert.Equal("order", Assert.Throws<UnregisteredTypeException>(() => message.Payload).TypeName);
        await message.RejectAsync("cannot be read");
    }

    [Fact]
    public async Task Dead_letters_to_itself_or_a_bound_below_zero_are_refused()
    {
        var itself = await Assert.ThrowsAsync<RaftQueueException>(() => Client.DeclareQueueAsync("own-grave", new QueueOptions { DeadLetterQueue = new("own-grave") }));
        Assert.Equal(RefusalCode.ConflictingOptions, itself.Code);

        var negative = await Assert.ThrowsAsync<RaftQueueException>(() => Client.DeclareQueueAsync("below-zero", new QueueOptions { MaxMessages = -1 }));
        Assert.Contains("max messages", negative.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(await Client.ListQueuesAsync("own-grave"));
    }

    /// <summary>A type that only one side knows.</summary>
    public sealed record Invoice(int Number);
}
