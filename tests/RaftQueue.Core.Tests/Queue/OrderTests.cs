using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Which message comes to whom, and when.</summary>
public sealed class OrderTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void First_deliveries_follow_the_order_of_enqueueing_across_pages_and_segments()
    {
        _bench.Declare();
        var sent = Enumerable.Range(1, 50).Select(i => $"message {i}").ToArray();
        foreach (var part in sent.Chunk(7))
            _bench.Send(part);

        Assert.Equal(sent, _bench.Texts(_bench.Pull()));
    }

    [Fact]
    public void A_released_message_returns_to_its_place_with_its_count_raised()
    {
        _bench.Declare();
        _bench.Send("1", "2", "3");
        var held = _bench.Pull(2, consumer: Bob);
        _bench.Settle(Bob, Release(held[0]));

        var again = _bench.Pull(2);
        Assert.Equal(["1", "3"], _bench.Texts(again));
        Assert.Equal([2, 1], again.Select(lease => lease.DeliveryCount));
        Assert.Equal(1, _bench.Stats().Redelivered);
    }

    [Fact]
    public void A_lease_that_ends_gives_its_message_back_under_a_larger_token()
    {
        _bench.Declare(new QueueOptions { Lease = Seconds(5) });
        _bench.Send("1");
        var first = Assert.Single(_bench.Pull());
        Assert.Equal(first.Until, _bench.Machine.NextDue);
        _bench.Tick(4.999);
        Assert.Empty(_bench.Pull());
        _bench.Tick(0.001);

        var second = Assert.Single(_bench.Pull());
        Assert.True(second.Token > first.Token);
        Assert.Equal(2, second.DeliveryCount);
    }

    [Fact]
    public void Messages_go_to_consumers_with_credit_one_each_in_turn()
    {
        _bench.Declare();
        _bench.Subscribe(Bob, prefetch: 3);
        _bench.Subscribe(Carol, prefetch: 2);
        _bench.Send("1", "2", "3", "4", "5", "6");

        Assert.Equal(["1", "3", "5"], _bench.Texts(_bench.Held(Bob)));
        Assert.Equal(["2", "4"], _bench.Texts(_bench.Held(Carol)));
        Assert.Equal(1, _bench.Stats().Ready);
    }

    [Fact]
    public void A_slow_consumer_does_not_hold_up_a_fast_one()
    {
        _bench.Declare();
        _bench.Subscribe(Bob);
        _bench.Subscribe(Carol);
        _bench.Send("1", "2", "3", "4");
        for (var i = 0; i < 3; i++)
            _bench.Settle(Carol, Ack(_bench.Held(Carol)[0]));

        Assert.Equal(["1"], _bench.Texts(_bench.Held(Bob)));
        Assert.Equal(0, _bench.Stats().Ready);
        Assert.Equal(3, _bench.Stats().Acknowledged);
    }

    [Fact]
    public void With_a_single_active_consumer_the_next_takes_over_only_when_the_first_goes_and_gets_what_it_held_in_order()
    {
        _bench.Declare(new QueueOptions { SingleActiveConsumer = true });
        _bench.Subscribe(Bob, prefetch: 2);
        _bench.Subscribe(Carol, prefetch: 9);
        _bench.Send("1", "2", "3");
        Assert.Equal(["1", "2"], _bench.Texts(_bench.Held(Bob)));
        Assert.Empty(_bench.Held(Carol));

        _bench.Do<Unsubscribed>(new Unsubscribe(Orders, Bob, 0));
        Assert.Equal(["1", "2", "3"], _bench.Texts(_bench.Held(Carol)));
    }

    [Fact]
    public void Messages_of_one_group_are_delivered_one_at_a_time_and_block_no_other_group()
    {
        _bench.Declare();
        _bench.Send(Block(new Text("a1", "a"), new Text("a2", "a"), new Text("b1", "b"), new Text("free"), new Text("a3", "a"), new Text("b2", "b")));
        _bench.Subscribe(Bob, prefetch: 10);
        Assert.Equal(["a1", "b1", "free"], _bench.Texts(_bench.Held(Bob)));

        _bench.Settle(Bob, Release(_bench.Held(Bob)[0]));
        Assert.Equal(["b1", "free", "a1"], _bench.Texts(_bench.Held(Bob)));
        _bench.Settle(Bob, Ack(_bench.Held(Bob)[2]), Ack(_bench.Held(Bob)[0]));
        Assert.Equal(["free", "a2", "b2"], _bench.Texts(_bench.Held(Bob)));
    }

    [Fact]
    public void A_delayed_message_enters_the_order_behind_what_is_there_when_it_is_due()
    {
        _bench.Declare();
        _bench.Send(Block(new Text("late", Delay: Seconds(10)), new Text("1")));
        Assert.Equal(1, _bench.Stats().Delayed);
        _bench.Send("2");
        _bench.Tick(9.999);
        Assert.Equal(1, _bench.Stats().Delayed);
        _bench.Tick(0.001);
        _bench.Send("3");

        var all = _bench.Pull(consumer: Bob);
        Assert.Equal(["1", "2", "late", "3"], _bench.Texts(all));
        _bench.Settle(Bob, Release(all[2]), Release(all[3]), Release(all[1]));
        Assert.Equal(["2", "late", "3"], _bench.Texts(_bench.Pull()));
    }

    [Fact]
    public void What_expires_in_a_consumers_hands_is_not_due_until_it_comes_back()
    {
        _bench.Declare(new QueueOptions { TimeToLive = Seconds(10), Lease = Seconds(30) });
        var sent = _bench.Now;
        _bench.Send(Block(new Text("shared"), new Text("own", TimeToLive: Seconds(20))));
        Assert.Equal(sent + Seconds(10), _bench.Machine.NextDue);
        var held = _bench.Pull(2, consumer: Bob);
        Assert.Equal(sent + Seconds(30), _bench.Machine.NextDue); // the end of the leases
        _bench.Machine = Bench.Copy(_bench.Machine);
        Assert.Equal(sent + Seconds(30), _bench.Machine.NextDue);

        _bench.Tick(5);
        _bench.Settle(Bob, Release(held[0]), Release(held[1]));
        Assert.Equal(sent + Seconds(10), _bench.Machine.NextDue);
        _bench.Tick(5);
        Assert.Equal(1, _bench.Stats().Ready);
        Assert.Equal(sent + Seconds(20), _bench.Machine.NextDue);
        _bench.Tick(10);
        Assert.Equal((0, null), (_bench.Stats().Ready, _bench.Machine.NextDue));
    }

    [Fact]
    public void A_message_with_a_time_to_live_that_is_released_again_and_again_expires_once()
    {
        _bench.Declare(new QueueOptions { Lease = Seconds(5) });
        _bench.Send(Block(new Text("other", TimeToLive: Seconds(50)), new Text("stubborn", TimeToLive: Seconds(60))));
        _bench.Pull(1);
        for (var i = 0; i < 1_000; i++)
            _bench.Settle(Bob, Release(_bench.Pull(1, consumer: Bob)[0]));
        _bench.Tick(60);
        Assert.Equal((0, 2), (_bench.Stats().Ready, _bench.Stats().DeadLettered));
        Assert.Null(_bench.Machine.NextDue);
    }

    [Fact]
    public void An_expired_message_goes_away_unless_somebody_holds_it()
    {
        _bench.Declare(new QueueOptions { TimeToLive = Seconds(10), Lease = Seconds(30) });
        _bench.Send(Block(new Text("held"), new Text("shared"), new Text("own", TimeToLive: Seconds(3))));
        var held = _bench.Pull(1, consumer: Bob);
        _bench.Tick(3);
        Assert.Equal(["held", "shared"], _bench.PeekTexts());
        _bench.Tick(7);
        Assert.Equal(["held"], _bench.PeekTexts());

        _bench.Settle(Bob, Release(held[0]));
        Assert.Empty(_bench.PeekTexts());
        Assert.Equal(3, _bench.Stats().DeadLettered);
    }

    [Fact]
    public void A_pull_waits_for_the_first_message_or_until_its_wait_is_over()
    {
        _bench.Declare();
        Assert.Null(_bench.Do(new Receive(Orders, Bob, 5, Seconds(10), TimeSpan.Zero)));
        Assert.Null(_bench.Do(new Receive(Orders, Carol, 5, Seconds(20), TimeSpan.Zero)));
        Assert.Empty(_bench.Effects);
        _bench.Tick(10);
        Assert.Equal([new QueueEffect.Answer(Orders, Bob, [])], _bench.Effects, (left, right) => left.ToString() == right.ToString());

        _bench.Send("1", "2");
        Assert.Equal(["1", "2"], _bench.Texts(Assert.IsType<QueueEffect.Answer>(_bench.Effects[^1]).Leases));
        Assert.Null(_bench.Do(new Receive(Orders, Carol, 5, Seconds(20), TimeSpan.Zero)));
        Assert.Equal(["1", "2"], _bench.Texts(Assert.IsType<QueueEffect.Answer>(_bench.Effects[^1]).Leases));
        Assert.Equal(3, _bench.Effects.Count);
    }

    [Fact]
    public void A_subscription_taken_up_again_is_sent_what_it_holds_under_the_same_tokens()
    {
        _bench.Declare();
        _bench.Subscribe(Bob, prefetch: 2);
        _bench.Send("1", "2", "3");
        var held = _bench.Held(Bob);
        _bench.Effects.Clear();
        _bench.Subscribe(Bob, prefetch: 3);

        Assert.Equal(held, Assert.IsType<QueueEffect.Push>(_bench.Effects[0]).Leases);
        Assert.Equal(["3"], _bench.Texts(Assert.IsType<QueueEffect.Push>(_bench.Effects[1]).Leases));
    }

    [Fact]
    public void An_entry_that_is_no_command_moves_time_and_what_is_due_comes_with_the_next_command()
    {
        _bench.Declare();
        Assert.Null(_bench.Do(new Receive(Orders, Bob, 5, Seconds(10), TimeSpan.Zero)));
        _bench.Machine.Advance(_bench.Machine.AppliedIndex.Next, _bench.Now + Seconds(11));
        Assert.Empty(_bench.Effects);
        _bench.Tick();
        Assert.IsType<QueueEffect.Answer>(Assert.Single(_bench.Effects));
        Assert.Equal(_bench.Now + Seconds(11), _bench.Machine.Now);
    }

    [Fact]
    public void An_entry_is_not_applied_twice() =>
        Assert.Throws<InvalidOperationException>(() => _bench.Machine.Apply(LogIndex.Zero, LogTime.Zero, Contracts.Queue.Tick.Instance));
}
