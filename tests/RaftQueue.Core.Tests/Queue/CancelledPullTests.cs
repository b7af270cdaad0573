using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>A pull that was given up leaves no trace: its messages are where they were, and were not delivered.</summary>
[Trait("Category", "Fault")]
public sealed class CancelledPullTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void F06_What_an_ended_pull_had_got_was_not_delivered_and_is_not_dead_lettered()
    {
        _bench.Declare(new QueueOptions { DeliveryLimit = 1, DeadLetterQueue = Dead });
        Open(1);
        _bench.Send("1");
        Assert.Single(_bench.Machine.HeldBy(Orders, PullOf(1)));

        Assert.Equal(1, _bench.Do<Unsubscribed>(new Unsubscribe(Orders, PullOf(1), StartedThrough: 0)).Returned);

        var lease = Assert.Single(_bench.Pull());
        Assert.Equal((1L, 1), (lease.Sequence, lease.DeliveryCount));
    }

    [Fact]
    public void F06_Twenty_cancelled_pulls_leave_the_order_as_it_was()
    {
        _bench.Declare();
        for (var i = 1; i <= 20; i++)
            Open(i);
        _bench.Send("1", "2", "3");
        for (var i = 1; i <= 20; i++)
            _bench.Do(new Unsubscribe(Orders, PullOf(i), StartedThrough: 0));

        Assert.Equal([(1L, 1), (2L, 1), (3L, 1)], _bench.Pull().Select(lease => (lease.Sequence, lease.DeliveryCount)));
    }

    [Fact]
    public void F06_What_a_pull_had_started_counts_when_it_ends()
    {
        _bench.Declare();
        Open(1, most: 2);
        _bench.Send("1", "2");
        var held = _bench.Machine.HeldBy(Orders, PullOf(1));

        _bench.Do(new Unsubscribe(Orders, PullOf(1), held[0].Token));

        Assert.Equal([2, 1], _bench.Pull().Select(lease => lease.DeliveryCount));
    }

    private static ConsumerId PullOf(int number) => new(new Guid(number, 9, 9, new byte[8]));

    private void Open(int number, int most = 1) => _bench.Do(new Receive(Orders, PullOf(number), most, Seconds(30), TimeSpan.Zero));
}
