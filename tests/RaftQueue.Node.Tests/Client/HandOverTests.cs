using RaftQueue.Client.Consuming;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>What is handed to the application: each lease once, and nothing that does not count.</summary>
[Trait("Category", "Fault")]
public sealed class HandOverTests
{
    private static readonly TimeSpan RoomyLease = TimeSpan.FromSeconds(4);

    private readonly FakeQueue _queue = new();

    [Fact]
    public async Task F02_A_message_that_is_held_while_many_others_are_settled_is_handed_over_once()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders", new ConsumerOptions { Prefetch = 2 });
        await PushAsync(node, after: 0, 1);
        var held = Assert.Single(await ReadAsync(consumer, 1));
        for (var token = 2L; token <= 40; token++)
        {
            await PushAsync(node, after: token - 1, token);
            await Assert.Single(await ReadAsync(consumer, 1)).AckAsync().InTime();
        }

        await PushAsync(node, after: 0, held.FencingToken); // by the next leader
        await PushAsync(node, after: 1, 41);

        Assert.Equal(41, Assert.Single(await ReadAsync(consumer, 1)).FencingToken);
    }

    [Fact]
    public async Task F02_A_push_of_a_leader_that_was_paused_is_not_handed_over_after_the_acknowledgement()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders", new ConsumerOptions { Prefetch = 1 });
        await PushAsync(node, after: 0, 7);
        await Assert.Single(await ReadAsync(consumer, 1)).AckAsync().InTime();
        for (var token = 8L; token < 20; token++)
        {
            await PushAsync(node, after: token - 1, token);
            await Assert.Single(await ReadAsync(consumer, 1)).AckAsync().InTime();
        }

        await PushAsync(node, after: 0, 7);
        await PushAsync(node, after: 7, 8, 9);
        await PushAsync(node, after: 19, 20);

        Assert.Equal(20, Assert.Single(await ReadAsync(consumer, 1)).FencingToken);
    }

    [Fact]
    public async Task F02_After_a_lost_push_everything_is_asked_for_again_and_comes_in_order()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders");
        await PushAsync(node, after: 0, 1, 2);
        await ReadAsync(consumer, 2);
        await PushAsync(node, after: 4, 5, 6); // 3 and 4 were lost with a connection

        Assert.Equal(2, (await Eventually.HearAllAsync(node.HeardCommands<Subscribe>, null, 2)).Last().StartedThrough);
        await PushAsync(node, after: 0, 1, 2, 3, 4, 5, 6);

        Assert.Equal([3, 4, 5, 6], (await ReadAsync(consumer, 4)).Select(message => message.FencingToken));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7_919)]
    public void F02_However_pushes_are_lost_repeated_or_late_each_lease_is_handed_over_once_and_none_is_left_out(int seed)
    {
        for (var run = 0; run < 2_000; run++)
            new PushSchedule(seed + run).Play();
    }

    [Fact]
    public async Task F22_What_the_application_has_not_started_is_returned_before_its_lease_ends()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders", new ConsumerOptions { AutoExtend = false, Lease = RoomyLease });
        await PushAsync(node, after: 0, 1, 2, 3);
        var started = Assert.Single(await ReadAsync(consumer, 1));

        var settle = await Eventually.HearAsync(node.HeardCommands<Settle>, settle => settle.Settlements.Any(one => one.Token == 3));
        Settlement[] returned = [new(SettlementKind.Return, 2, 2, ""), new(SettlementKind.Return, 3, 3, "")];
        Assert.Equal(returned, settle.Settlements.ToArray());
        await PushAsync(node, after: 3, 4);
        Assert.Equal(4, Assert.Single(await ReadAsync(consumer, 1)).FencingToken);
        await started.AckAsync().InTime();
    }

    [Fact]
    public async Task F22_A_lease_of_which_the_length_is_the_queues_own_is_returned_in_time_too()
    {
        _queue.Lease = RoomyLease;
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders", new ConsumerOptions { AutoExtend = false });
        await PushAsync(node, after: 0, 1);

        var settle = await Eventually.HearAsync(node.HeardCommands<Settle>);
        Assert.Equal(new Settlement(SettlementKind.Return, 1, 1, ""), Assert.Single(settle.Settlements));
        Assert.Equal(0, settle.StartedThrough);
    }

    [Fact]
    public async Task F22_A_prefetched_message_behind_a_handler_that_hangs_is_returned_when_it_is_extended_no_more()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        var options = new ConsumerOptions { Lease = RoomyLease, MaxAutoExtension = TimeSpan.FromSeconds(3) };
        await using var consumer = client.CreateConsumer<string>("orders", options);
        await PushAsync(node, after: 0, 1, 2);
        await ReadAsync(consumer, 1);

        var settle = await Eventually.HearAsync(node.HeardCommands<Settle>);
        Assert.Equal(new Settlement(SettlementKind.Return, 2, 2, ""), Assert.Single(settle.Settlements));
        Assert.Contains(node.HeardCommands<Extend>(), extend => extend.Tokens is [1, 2]);
    }

    [Fact]
    public async Task F22_What_comes_beyond_the_credit_is_returned_and_does_not_wait_for_its_lease()
    {
        await using var node = FakeNode.Leading(_queue.Answer);
        await using var client = await Clients.ConnectAsync(node);
        await using var consumer = client.CreateConsumer<string>("orders", new ConsumerOptions { Prefetch = 1 });
        await PushAsync(node, after: 0, 1, 2, 3);

        var settle = await Eventually.HearAsync(node.HeardCommands<Settle>);
        Assert.Equal(new Settlement(SettlementKind.Return, 3, 3, ""), Assert.Single(settle.Settlements));
    }

    private static async Task PushAsync(FakeNode node, long after, params long[] tokens)
    {
        var subscription = await Eventually.HearAsync(node.HeardCommands<Subscribe>);
        var push = FakeQueue.Push(subscription, [.. tokens.Select(token => FakeQueue.DeliveryOf(token, token, $"{token}"))]);
        node.Push(push with { After = after });
    }

    private static async Task<List<ReceivedMessage<string>>> ReadAsync(Consumer<string> consumer, int count)
    {
        using var deadline = new CancellationTokenSource(Eventually.Deadline);
        var messages = new List<ReceivedMessage<string>>();
        await foreach (var message in consumer.ReadAllAsync(deadline.Token))
        {
            messages.Add(message);
            if (messages.Count == count)
                break;
        }

        return messages;
    }

    /// <summary>
    /// Leaders give leases to one consumer and end them, push what they gave, and are succeeded; their pushes are lost, sent twice and
    /// arrive after those of their successors, though never before an earlier one of their own.
    /// </summary>
    private sealed class PushSchedule(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly ReceivedTokens _received = new();
        private readonly SortedSet<long> _held = [];
        private readonly HashSet<long> _handedOver = [];
        private readonly List<Queue<Deliver>> _leaders = [];
        private long _sentThrough;
        private long _lastToken;

        public void Play()
        {
            Subscribe();
            for (var step = 0; step < 60; step++)
            {
                switch (_random.Next(10))
                {
                    case < 4:
                        Grant();
                        break;
                    case < 6:
                        _held.RemoveWhere(_ => _random.Next(3) == 0);
                        break;
                    case < 9:
                        Arrive(_leaders[_random.Next(_leaders.Count)]);
                        break;
                    default:
                        Subscribe();
                        break;
                }
            }

            // In the end the last leader sends everything again, and what the others had on their way arrives before and after it.
            Subscribe();
            foreach (var leader in _leaders.OrderBy(_ => _random.Next()))
            {
                while (leader.Count > 0)
                    Arrive(leader, isSafe: leader == _leaders[^1]);
            }

            Assert.True(_held.IsSubsetOf(_handedOver), $"seed {seed}: {string.Join(", ", _held.Except(_handedOver))} never came");
        }

        private void Subscribe()
        {
            _leaders.Add(new Queue<Deliver>());
            _sentThrough = 0;
            Push([.. _held]);
        }

        private void Grant()
        {
            // The tokens between them are of other consumers.
            var tokens = Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _lastToken += _random.Next(1, 5)).ToList();
            _held.UnionWith(tokens);
            Push(tokens);
        }

        private void Push(List<long> tokens)
        {
            if (tokens.Count == 0)
                return;
            var deliveries = DeliveryBlock.Of([.. tokens.Select(token => FakeQueue.DeliveryOf(token, token, ""))]);
            _leaders[^1].Enqueue(new Deliver(new("q"), default, deliveries, After: _sentThrough));
            _sentThrough = tokens[^1];
        }

        private void Arrive(Queue<Deliver> leader, bool isSafe = false)
        {
            if (leader.Count == 0)
                return;
            var push = leader.Peek();
            if (isSafe || _random.Next(4) > 0)
                leader.Dequeue(); // otherwise it arrives a second time
            if ((!isSafe && _random.Next(5) == 0) || _received.IsMissingBefore(push))
                return;
            foreach (var delivery in push.Deliveries.ToList().Where(delivery => _received.Add(delivery.Token)))
                Assert.True(_handedOver.Add(delivery.Token), $"seed {seed}: {delivery.Token} was handed over twice");
        }
    }
}
