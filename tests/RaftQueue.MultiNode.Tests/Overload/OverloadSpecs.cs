using RaftQueue.Client;
using RaftQueue.Client.Consuming;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.MultiNode.Tests.Clusters;

namespace RaftQueue.MultiNode.Tests.Overload;

/// <summary>More than the cluster can take: it says so by name, holds no more than its bounds, and nobody campaigns for it.</summary>
public sealed class OverloadSpecs
{
    private const string Queue = "overload";
    private const long Megabyte = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly ClusterOptions Narrow = ClusterOptions.Calm with { Hocon = "raftqueue.raft { max-pending = 1 MiB, max-uncommitted = 1 MiB }" };

    [Fact]
    public async Task Producers_that_are_faster_than_the_disk_are_told_that_the_node_is_busy()
    {
        await using var cluster = await TestCluster.StartAsync(3, Narrow);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue);
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        var text = new string('x', 64 * 1024);

        var replies = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ => leader.AskAsync(Commands.Enqueue(Queue, text))));

        var refused = replies.OfType<Refused>().ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, refusal => Assert.Equal(RefusalCode.Busy, refusal.Code));
        Assert.Contains($"{Megabyte} bytes", refused[0].Message);
        var stored = replies.OfType<Enqueued>().Count();
        Assert.Equal(replies.Length, stored + refused.Count);
        Assert.NotEqual(0, stored);
        Assert.Equal(stored, (await client.GetQueueStatsAsync(Queue)).Ready);

        // A client repeats what was refused so, until there is room.
        await using var producer = client.CreateProducer<string>(Queue);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => producer.SendAsync(text)));
        Assert.Equal(stored + 100, (await client.GetQueueStatsAsync(Queue)).Ready);
        await NobodyCampaignedAsync(cluster, term);
    }

    [Fact]
    public async Task Consumers_that_never_acknowledge_and_a_full_queue_hold_up_nobody_else()
    {
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        var client = await cluster.ConnectAsync();
        await using var elsewhere = await Load.StartAsync(client);
        var term = (await (await cluster.LeaderAsync()).StatusAsync())!.Term;
        await client.DeclareQueueAsync(Queue, new QueueOptions { MaxMessages = 500 });
        var consumers = Enumerable.Range(0, 3).Select(_ => client.CreateConsumer<string>(Queue, new ConsumerOptions { Prefetch = 100 })).ToList();
        await using var producer = client.CreateProducer<string>(Queue);

        var sends = Enumerable.Range(1, 800).Select(i => producer.SendAsync($"{i}")).ToList();
        await Task.WhenAll(sends).ContinueWith(_ => { }, TaskScheduler.Default);

        var refused = sends.Where(send => send.IsFaulted).Select(send => Assert.IsType<QueueFullException>(send.Exception!.InnerException)).ToList();
        Assert.Equal(300, refused.Count);
        Assert.All(refused, refusal => Assert.Contains("500", refusal.Message));
        await Eventually.HoldsAsync(
            "the consumers hold all that they may, and no more",
            async () => await client.GetQueueStatsAsync(Queue) is { Leased: 300, Ready: 200 });
        await elsewhere.GoOnAsync();

        // What is acknowledged makes room at once.
        await foreach (var message in consumers[0])
        {
            await message.AckAsync();
            break;
        }

        await producer.SendAsync("there is room again");
        await Task.WhenAll(consumers.Select(consumer => consumer.DisposeAsync().AsTask()));
        await elsewhere.VerifyAsync();
        Assert.Empty(elsewhere.Failures);
        await NobodyCampaignedAsync(cluster, term);
    }

    [Fact]
    public async Task A_thousand_clients_disturb_nobody_and_all_hear_of_a_new_leader()
    {
        const int count = 1_000;
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        await using var load = await Load.StartAsync(await cluster.ConnectAsync());
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        using var stop = new CancellationTokenSource();
        var clients = await Task.WhenAll(Enumerable.Range(1, count).Select(number => SocketClient.OpenAsync(leader, number)));
        var reading = clients.Select(client => client.ReadAsync(CancellationToken.None)).ToList();
        var beating = BeatAsync(clients, stop.Token);
        try
        {
            foreach (var client in clients)
                client.Tell(new Hello(1, WantsNews: true));
            await HaveHeardAsync(clients, 1);
            await load.GoOnAsync();
            await NobodyCampaignedAsync(cluster, term);

            await leader.AskAsync(new TransferLeadership(null));
            await HaveHeardAsync(clients, 2);
            await load.GoOnAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await beating;
            foreach (var client in clients)
                client.Dispose();
            await Task.WhenAll(reading);
        }

        await load.VerifyAsync();
        Assert.Empty(load.Failures);
        await NobodyCampaignedAsync(cluster, term.Next);
    }

    [Fact]
    public async Task A_client_that_stops_reading_is_given_up_and_what_it_held_returns()
    {
        const int messages = 1_000;
        await using var cluster = await TestCluster.StartAsync(3, ClusterOptions.Calm);
        var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue, new QueueOptions { Lease = TimeSpan.FromMinutes(10) });
        var leader = await cluster.LeaderAsync();
        var term = (await leader.StatusAsync())!.Term;
        using var deaf = await SocketClient.OpenAsync(leader, 1);
        deaf.Tell(new CommandRequest(1, new GroupId(0), CommandCodec.Encode(new Subscribe(new QueueName(Queue), ConsumerId.New(), Bounds.MaxPrefetch, TimeSpan.Zero))));
        await Eventually.HoldsAsync("it has subscribed", async () => (await client.GetQueueStatsAsync(Queue)).Consumers == 1);

        // 16 MiB are on their way to it, far more than the system's buffers hold.
        await using (var producer = client.CreateProducer<byte[]>(Queue))
            await Task.WhenAll(Enumerable.Range(0, messages).Select(_ => producer.SendAsync(new byte[16 * 1024])));
        Assert.Equal(messages, (await client.GetQueueStatsAsync(Queue)).Leased);

        await Eventually.HoldsAsync("it is given up", async () => await client.GetQueueStatsAsync(Queue) is { Consumers: 0, Leased: 0, Ready: messages }, Patience);
        Assert.True(await deaf.IsClosedAsync(Patience), "the connection is still open");
        Assert.InRange(deaf.Messages, 1, messages - 1); // some of them lay in the system's buffers, and most had never left the node
        Assert.Equal(10, (await client.ReceiveAsync<byte[]>(Queue, 10)).Count);
        await NobodyCampaignedAsync(cluster, term);
    }

    private static async Task BeatAsync(SocketClient[] clients, CancellationToken stop)
    {
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!stop.IsCancellationRequested)
        {
            foreach (var client in clients)
                client.Beat();
            await beat.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private static Task HaveHeardAsync(SocketClient[] clients, int messages) => Eventually.GivesAsync(
        $"all {clients.Length} clients have heard {messages} times",
        () => Task.FromResult(clients.All(client => client.Messages >= messages) ? clients : null),
        describe: () => Task.FromResult($"{clients.Count(client => client.Messages >= messages)} have, {clients.Count(client => client.Messages > 0)} have heard anything"));

    private static async Task NobodyCampaignedAsync(TestCluster cluster, Term term) =>
        Assert.Equal(term, (await (await cluster.LeaderAsync()).StatusAsync())!.Term);
}
