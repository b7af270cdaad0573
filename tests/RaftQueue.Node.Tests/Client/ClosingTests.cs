using System.Diagnostics;
using RaftQueue.Client;
using RaftQueue.Client.Configuring;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>Nothing waits for a goodbye.</summary>
[Trait("Category", "Fault")]
public sealed class ClosingTests
{
    // A request may take a minute here; what is closed at once takes less than this on a busy machine.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(15);

    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task F10_An_idle_consumer_is_disposed_soon_though_no_node_is_there()
    {
        var (client, consumer) = await ConnectAndLoseAsync();
        await TakesLittleAsync(consumer.DisposeAsync());
        await client.DisposeAsync();
    }

    [Fact]
    public async Task F10_A_client_with_idle_consumers_and_producers_is_disposed_soon_though_no_node_is_there()
    {
        var (client, _) = await ConnectAndLoseAsync();
        client.CreateConsumer<string>("orders"); // one that has never been open
        client.CreateProducer<string>("orders");
        await TakesLittleAsync(client.DisposeAsync());
    }

    [Fact]
    public async Task F10_A_consumer_with_an_acknowledgement_that_nobody_answers_is_disposed_soon_and_the_acknowledgement_fails()
    {
        await using var node = FakeNode.Leading(request => request is Settle ? null : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(Configure, node);
        var consumer = client.CreateConsumer<string>("orders");
        node.Push(FakeQueue.Push(await Eventually.HearAsync(node.HeardCommands<Subscribe>), FakeQueue.DeliveryOf(1, 1, "a")));
        var acknowledgement = Task.CompletedTask;
        await foreach (var message in consumer)
        {
            acknowledgement = message.AckAsync();
            break;
        }

        await TakesLittleAsync(consumer.DisposeAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => acknowledgement);
    }

    [Fact]
    public async Task F10_A_consumer_waits_for_its_goodbye_where_somebody_answers()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var consumer = client.CreateConsumer<string>("orders");
        await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        await consumer.DisposeAsync();
        Assert.Single(node.HeardCommands<Unsubscribe>());
    }

    [Fact]
    public void F10_The_timeout_is_two_seconds_unless_a_key_says_otherwise()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), new RaftQueueClientOptions().CloseTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), ClientHocon.Read(Akka.Configuration.Config.Empty).CloseTimeout);
        Assert.Equal(TimeSpan.FromMilliseconds(300), RaftQueueClientOptions.From("raftqueue.client.close-timeout = 300ms").CloseTimeout);
    }

    [Fact]
    public async Task F10_A_timeout_that_is_none_is_refused_by_name()
    {
        var options = new RaftQueueClientOptions { CloseTimeout = TimeSpan.Zero, Nodes = { "127.0.0.1:1" } };
        var refusal = await Assert.ThrowsAnyAsync<ArgumentException>(() => RaftQueueClient.ConnectAsync(options));
        Assert.Contains("CloseTimeout", refusal.Message, StringComparison.Ordinal);
    }

    private async Task<(RaftQueueClient Client, RaftQueue.Client.Consuming.Consumer<string> Consumer)> ConnectAndLoseAsync()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        var client = await Clients.ConnectAsync(Configure, node);
        var consumer = client.CreateConsumer<string>("orders");
        await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        return (client, consumer);
    }

    private static void Configure(RaftQueueClientOptions options) =>
        (options.RequestTimeout, options.CloseTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(500));

    private static async Task TakesLittleAsync(ValueTask disposal)
    {
        var watch = Stopwatch.StartNew();
        await disposal;
        Assert.True(watch.Elapsed < Soon, $"{watch.Elapsed.TotalSeconds:0.0} s");
    }
}
