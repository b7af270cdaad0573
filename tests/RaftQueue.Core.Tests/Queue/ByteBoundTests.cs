using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>What a consumer may hold is bounded in bytes as well, so that its messages pass a remote frame and do not fill its memory.</summary>
public sealed class ByteBoundTests
{
    // Flags, the lengths of properties and body.
    private const int Wrapping = 5;
    private readonly Bench _bench = new(new QueueMachine());

    public ByteBoundTests() => _bench.Declare();

    [Fact]
    public void A_pull_takes_messages_until_it_has_a_frame_full()
    {
        Send(10, Bounds.MaxReceiveBytes / 2);
        Assert.Equal(2, _bench.Pull(1_024).Count);
    }

    [Fact]
    public void A_pull_at_the_bound_takes_one_more_of_the_largest_and_stays_below_a_command()
    {
        Send(1, Bounds.MaxReceiveBytes - 1);
        Send(2, Bounds.MaxMessageBytes);
        var pulled = _bench.Pull(1_024);
        Assert.Equal(2, pulled.Count);
        Assert.InRange(pulled.Sum(lease => lease.Body.Length), Bounds.MaxReceiveBytes, Bounds.MaxCommandBytes - 1);
    }

    [Fact]
    public void A_pull_that_repeats_is_answered_with_no_more_than_before()
    {
        Send(10, Bounds.MaxMessageBytes);
        var first = _bench.Pull(1_024, consumer: Bob);
        Assert.Equal(first, _bench.Pull(1_024, consumer: Bob));
    }

    [Fact]
    public void Small_messages_fill_a_pull_by_number()
    {
        Send(1_100, 200);
        Assert.Equal(Bounds.MaxReceive, _bench.Pull(Bounds.MaxReceive).Count);
    }

    [Fact]
    public void A_subscription_holds_no_more_bytes_than_the_bound_and_gets_more_as_it_settles()
    {
        const int Fitting = Bounds.MaxHeldBytes / Bounds.MaxMessageBytes;
        Send(Fitting + 2, Bounds.MaxMessageBytes);
        _bench.Subscribe(Bob, prefetch: Bounds.MaxPrefetch);
        Assert.Equal(Fitting, _bench.Held(Bob).Count);
        _bench.Settle(Bob, Ack(_bench.Held(Bob)[0]));
        Assert.Equal(Fitting, _bench.Held(Bob).Count);
        Assert.Equal(1, _bench.Stats().Ready);

        var store = new SnapshotStore();
        _bench.Machine = store.Restore(store.Take(_bench.Machine), Layout.Default);
        _bench.Settle(Bob, Ack(_bench.Held(Bob)[0]), Ack(_bench.Held(Bob)[1]));
        Assert.Equal((0, Fitting - 1), (_bench.Stats().Ready, _bench.Held(Bob).Count));
    }

    // Of packed messages: that is what travels.
    private void Send(int count, int bytes)
    {
        var text = new string('x', bytes - (bytes < 200 ? 3 : bytes < 16_384 ? 4 : Wrapping));
        for (var i = 0; i < count; i++)
            Assert.IsType<Enqueued>(_bench.Send(text));
    }
}
