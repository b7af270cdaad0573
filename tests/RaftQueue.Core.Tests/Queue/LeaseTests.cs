using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Who may decide over a message, and what a delivery that failed leads to.</summary>
public sealed class LeaseTests
{
    private readonly Bench _bench = new();

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_20_a_consumer_that_slept_past_its_lease_cannot_acknowledge_what_another_holds_by_now()
    {
        _bench.Declare(new QueueOptions { Lease = Seconds(5) });
        _bench.Send("1");
        var stale = Assert.Single(_bench.Pull(consumer: Bob));
        _bench.Tick(5);
        var current = Assert.Single(_bench.Pull(consumer: Carol));

        var refused = Assert.Single(_bench.Settle(Bob, Ack(stale)).Refused);
        Assert.Equal((stale.Sequence, stale.Token, RefusalCode.StaleLease), (refused.Sequence, refused.Token, refused.Refusal.Code));
        Assert.Single(_bench.Settle(Bob, Ack(current)).Refused);
        Assert.Equal(1, _bench.Stats().Leased);
        Assert.Empty(_bench.Settle(Carol, Ack(current)).Refused);
        Assert.Equal(1, _bench.Stats().Acknowledged);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_24_a_poison_message_takes_none_of_its_prefetched_neighbours_to_the_dead_letter_queue()
    {
        _bench.Declare(new QueueOptions { DeliveryLimit = 3, DeadLetterQueue = Dead });
        _bench.Send("poison", "good 1", "good 2", "good 3");
        for (var i = 0; i < 3; i++)
        {
            // Each consumer prefetches all, starts with the first and dies of it.
            _bench.Subscribe(Bob, prefetch: 10);
            _bench.Do<Unsubscribed>(new Unsubscribe(Orders, Bob, StartedThrough: _bench.Held(Bob)[0].Token));
        }

        Assert.Equal(["poison"], _bench.PeekTexts(Dead));
        Assert.Equal([1, 1, 1], _bench.Pull().Select(lease => lease.DeliveryCount));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_The_end_of_a_lease_counts_whatever_was_told_of_it_before()
    {
        _bench.Declare(new QueueOptions { Lease = Seconds(5) });
        _bench.Subscribe(Bob, prefetch: 2);
        _bench.Send("1", "2", "3");
        _bench.Settle(Bob, startedThrough: _bench.Held(Bob)[0].Token);
        _bench.Tick(5);
        Assert.Equal([2, 2], _bench.Held(Bob).Select(lease => lease.DeliveryCount));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_What_a_consumer_returns_unstarted_goes_back_to_its_place_and_does_not_count()
    {
        _bench.Declare(new QueueOptions { DeliveryLimit = 1, DeadLetterQueue = Dead });
        _bench.Subscribe(Bob, prefetch: 3);
        _bench.Send("1", "2", "3");
        var held = _bench.Held(Bob);
        Assert.Empty(_bench.Settle(Bob, new Settlement(SettlementKind.Return, held[1].Sequence, held[1].Token, "")).Refused);
        Assert.Equal([(1L, 1), (3L, 1), (2L, 1)], _bench.Held(Bob).Select(lease => (lease.Sequence, lease.DeliveryCount)));
        Assert.Equal(0, _bench.Stats().DeadLettered);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_A_consumer_of_which_nobody_knows_what_it_started_is_counted_for_everything_it_holds()
    {
        _bench.Declare();
        _bench.Subscribe(Bob, prefetch: 3);
        _bench.Send("1", "2", "3", "4");
        _bench.Do<Unsubscribed>(new Unsubscribe(Orders, Bob, StartedThrough: long.MaxValue));
        Assert.Equal([2, 2, 2, 1], _bench.Pull().Select(lease => lease.DeliveryCount));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_What_a_consumer_tells_when_it_subscribes_again_is_in_the_log()
    {
        _bench.Declare();
        _bench.Subscribe(Bob, prefetch: 3);
        _bench.Send("1", "2", "3");
        _bench.Do<Subscribed>(new Subscribe(Orders, Bob, 3, TimeSpan.Zero, StartedThrough: _bench.Held(Bob)[1].Token));
        _bench.Machine = Bench.Copy(_bench.Machine);
        _bench.Do<Unsubscribed>(new Unsubscribe(Orders, Bob, 0));
        Assert.Equal([2, 2, 1], _bench.Pull().Select(lease => lease.DeliveryCount));
    }

    [Fact]
    public void A_consumer_cannot_have_started_leases_that_were_not_given_yet()
    {
        _bench.Declare();
        _bench.Subscribe(Bob);
        _bench.Settle(Bob, startedThrough: long.MaxValue);
        _bench.Send("1");
        _bench.Do<Unsubscribed>(new Unsubscribe(Orders, Bob, 0));
        Assert.Equal(1, Assert.Single(_bench.Pull()).DeliveryCount);
    }

    [Fact]
    public void An_extended_lease_runs_on_and_one_that_has_ended_cannot_be_extended()
    {
        _bench.Declare(new QueueOptions { Lease = Seconds(5) });
        _bench.Send("1", "2");
        var held = _bench.Pull(consumer: Bob);
        _bench.Pass(4);
        var extended = _bench.Do<Extended>(new Extend(Orders, Bob, [held[0].Token], Seconds(20)));
        Assert.Equal(_bench.Now + Seconds(20), extended.Until);
        _bench.Tick(2);

        Assert.Equal([held[0].Token], _bench.Held(Bob).Select(lease => lease.Token));
        var refused = Assert.Single(_bench.Do<Extended>(new Extend(Orders, Bob, [held[1].Token], Seconds(20))).Refused);
        Assert.Equal(RefusalCode.StaleLease, refused.Refusal.Code);
    }

    [Fact]
    public void A_rejected_message_moves_with_its_reason_and_a_redrive_brings_it_back_once()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead });
        _bench.Send("1", "2", "3");
        var held = _bench.Pull(consumer: Bob);
        var enqueuedAt = _bench.Now;
        _bench.Pass(1);
        _bench.Settle(Bob, Reject(held[2], "not a number"), Reject(held[0], ""), Ack(held[1]));

        Assert.Equal(["3", "1"], _bench.PeekTexts(Dead));
        Assert.Equal(new DeadLetter(1, Orders, 3, enqueuedAt, 1, DeadLetterCause.Rejected, "not a number"), _bench.Peek(Dead).DeadLetters[0]);
        var redrive = new Redrive(Dead, Guid.NewGuid(), null, 1);
        Assert.Equal(1, _bench.Do<Redriven>(redrive).Moved);
        Assert.Equal(1, _bench.Do<Redriven>(redrive).Moved);
        Assert.Equal(["3"], _bench.PeekTexts());
        Assert.Equal(["1"], _bench.PeekTexts(Dead));
        Assert.Equal(1, Assert.Single(_bench.Pull()).DeliveryCount);
    }

    [Fact]
    public void A_redrive_fills_its_target_only_to_the_bound_and_says_so_where_nothing_fits()
    {
        _bench.Declare(new QueueOptions { MaxMessages = 2, DeadLetterQueue = Dead });
        _bench.Send("1", "2");
        _bench.Settle(Bob, [.. _bench.Pull(consumer: Bob).Select(lease => Reject(lease, ""))]);
        _bench.Send("3");
        Assert.Equal(1, _bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 10)).Moved);
        var redriven = _bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 10));
        Assert.Equal((0, new RedriveSkipped(RedriveObstacle.QueueFull, Orders, 1, 2)), (redriven.Moved, Assert.Single(redriven.Skipped)));
        Assert.Equal(["3", "1"], _bench.PeekTexts());
    }

    [Fact]
    public void A_redrive_to_nowhere_is_refused_and_moves_nothing()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead });
        _bench.Send("1");
        _bench.Settle(Bob, Reject(_bench.Pull(consumer: Bob)[0], ""));
        _bench.Send(Bodies("straight"), queue: Dead);
        _bench.Refuses(new Redrive(Dead, Guid.NewGuid(), new QueueName("nowhere"), 1), RefusalCode.UnknownQueue);
        _bench.Refuses(new Redrive(Dead, Guid.NewGuid(), Dead, 1), RefusalCode.ConflictingOptions);
        _bench.Do<Deleted>(new DeleteQueue(Orders));
        Assert.Equal(0, _bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 2)).Moved);
        Assert.Equal(["1", "straight"], _bench.PeekTexts(Dead));
    }

    [Fact]
    public void Deleting_a_queue_tells_its_consumers_and_frees_every_body()
    {
        _bench.Declare();
        _bench.Send([.. Enumerable.Range(0, 40).Select(i => $"message {i}")]);
        _bench.Subscribe(Bob, prefetch: 3);
        Assert.Equal(40, _bench.Do<Deleted>(new DeleteQueue(Orders)).Messages);
        Assert.Equal(Bob, Assert.IsType<QueueEffect.EndSubscription>(_bench.Effects[^1]).Consumer);
        Assert.Single(_bench.Machine.Segments);
        Assert.Null(_bench.Machine.NextDue);
        Assert.Empty(_bench.Machine.Consumers);
    }
}
