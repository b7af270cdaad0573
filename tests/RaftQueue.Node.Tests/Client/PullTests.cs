using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>What a client does with a pull that the application gives up, and what it tells of one that it handed over.</summary>
[Trait("Category", "Fault")]
public sealed class PullTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(30);
    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task F06_A_cancelled_pull_is_ended_at_the_leader_with_nothing_started()
    {
        await using var node = FakeNode.Leading(request => request is Receive ? null : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(node);
        using var cancellation = new CancellationTokenSource();

        var pulling = client.ReceiveAsync<string>("orders", wait: Wait, cancellation: cancellation.Token);
        var receive = await Eventually.HearAsync(node.HeardCommands<Receive>);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pulling.InTime());
        Assert.Equal(new Unsubscribe(receive.Queue, receive.Consumer, StartedThrough: 0), await Eventually.HearAsync(node.HeardCommands<Unsubscribe>));
    }

    [Fact]
    public async Task F06_A_pull_that_was_not_answered_in_time_is_ended_at_the_leader()
    {
        await using var node = FakeNode.Leading(request => request is Receive ? null : _queue.Answer(request));
        await using var client = await Clients.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(300), node);

        var problem = await Assert.ThrowsAsync<RequestTimeoutException>(() => client.ReceiveAsync<string>("orders").InTime());

        Assert.True(problem.OutcomeUnknown);
        Assert.Equal(0, (await Eventually.HearAsync(node.HeardCommands<Unsubscribe>)).StartedThrough);
    }

    [Fact]
    public async Task F06_The_end_of_a_pull_is_said_until_the_leader_has_heard_it_and_the_pull_is_named_until_then()
    {
        await using var node = FakeNode.Leading(_ => null);
        await using var client = await Clients.ConnectAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(300), node);

        await Assert.ThrowsAsync<RequestTimeoutException>(() => client.ReceiveAsync<string>("orders").InTime());
        await Eventually.HearAllAsync(node.HeardCommands<Unsubscribe>, null, 2);
        var pull = node.HeardCommands<Receive>().First();
        var before = node.Heard<KeepAlive>().Count();
        await Eventually.HearAsync(
            () => node.Heard<KeepAlive>().Skip(before), alive => alive.Subscriptions.Contains(new LiveSubscription(pull.Queue, pull.Consumer, 0)));
        node.Script = _queue.Answer;

        await using var other = client.CreateConsumer<string>("other");
        await Eventually.HearAsync(
            () => node.Heard<KeepAlive>().Skip(before), alive => alive.Subscriptions.Length > 0 && alive.Subscriptions.All(live => live.Consumer != pull.Consumer));
    }

    [Fact]
    public async Task F06_An_answer_that_comes_after_the_pull_has_ended_is_given_back_uncounted()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var orphan = ConsumerId.New();

        node.Push(new ClientReply(4711, new Received(new QueueName("orders"), orphan, DeliveryBlock.Of([FakeQueue.DeliveryOf(1, 5, "a")]))));

        Assert.Equal(new Unsubscribe(new QueueName("orders"), orphan, StartedThrough: 0), await Eventually.HearAsync(node.HeardCommands<Unsubscribe>));
    }

    [Fact]
    public async Task F06_What_was_handed_over_is_told_as_started_and_named_until_it_is_settled()
    {
        await using var node = FakeNode.Leading(Answer);
        await using var client = await Clients.ConnectAsync(node);

        var messages = await client.ReceiveAsync<string>("orders", 2).InTime();
        var pull = Assert.Single(node.HeardCommands<Receive>());
        await Eventually.HearAsync(node.Heard<KeepAlive>, alive => alive.Subscriptions.Contains(new LiveSubscription(pull.Queue, pull.Consumer, 6)));
        await Task.WhenAll(messages.Select(message => message.AckAsync())).InTime();
        var before = node.Heard<KeepAlive>().Count();
        await using var other = client.CreateConsumer<string>("other");

        await Eventually.HearAsync(
            () => node.Heard<KeepAlive>().Skip(before), alive => alive.Subscriptions.All(live => live.Consumer != pull.Consumer));
        Assert.Empty(node.HeardCommands<Unsubscribe>());
    }

    [Fact]
    public async Task F06_A_disposed_client_ends_its_pulls_and_says_what_it_had_handed_over()
    {
        await using var node = FakeNode.Leading(request => request is Receive { MaxMessages: 7 } ? null : Answer(request));
        var client = await Clients.ConnectAsync(node);
        var held = await client.ReceiveAsync<string>("orders", 2).InTime();
        var waiting = client.ReceiveAsync<string>("orders", 7, Wait);
        await Eventually.HearAllAsync(node.HeardCommands<Receive>, null, 2);

        await client.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.InTime());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => held[0].AckAsync().InTime());
        var pulls = node.HeardCommands<Receive>().ToDictionary(receive => receive.Consumer, receive => receive.MaxMessages);
        Assert.Equal([(2, 6L), (7, 0L)], node.HeardCommands<Unsubscribe>().Select(end => (pulls[end.Consumer], end.StartedThrough)).Order());
    }

    private IReply? Answer(object request) => request is Receive receive
        ? new Received(receive.Queue, receive.Consumer, DeliveryBlock.Of([FakeQueue.DeliveryOf(1, 5, "a"), FakeQueue.DeliveryOf(2, 6, "b")]))
        : _queue.Answer(request);
}
