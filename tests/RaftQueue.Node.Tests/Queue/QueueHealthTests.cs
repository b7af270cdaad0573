using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>A host that lives but moves nothing says so.</summary>
public sealed class QueueHealthTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly TimeSpan Limit = HostBench.Settings.StalledAfter;

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_a_delivery_that_waits_too_long_for_the_disk_turns_health_red_with_the_reason()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, new Receive(HostBench.Orders, ConsumerId.New(), 1, TimeSpan.Zero, TimeSpan.FromHours(1)));
        var read = Assert.Single(backlog.Reads());
        backlog.Host.Advance(Limit);
        Assert.True(backlog.Host.Status().IsHealthy);
        backlog.Host.Advance(TimeSpan.FromSeconds(1));
        var status = backlog.Host.Status();
        Assert.False(status.IsHealthy);
        Assert.Contains("Segment 0 of the queues has been awaited from disk for 11 s", status.Health, StringComparison.Ordinal);

        backlog.Answer(read);
        Assert.True(backlog.Host.Status().IsHealthy);
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public void Pitfall_23_log_time_that_stands_still_turns_health_red_with_the_reason()
    {
        var host = new HostBench(this);
        host.Lead();
        host.Do(CreateTestProbe(), new DeclareQueue(HostBench.Orders, QueueOptions.Default),
            new Receive(HostBench.Orders, ConsumerId.New(), 1, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Advance(TimeSpan.FromSeconds(5) + Limit);
        Assert.True(host.Status().IsHealthy);
        host.Advance(TimeSpan.FromSeconds(1)); // ticks were proposed, and none was committed
        var status = host.Status();
        Assert.False(status.IsHealthy);
        Assert.Contains("Log time stands still", status.Health, StringComparison.Ordinal);

        host.CommitOthers(Tick.Instance);
        Assert.True(host.Status().IsHealthy);
    }

    [Fact, Trait("Category", "Fault")]
    public void F21_An_outbox_of_which_nothing_arrives_turns_health_red_with_what_it_waits_for()
    {
        var (host, dead) = (new HostBench(this), new QueueName("dead"));
        host.Lead();
        var options = new QueueOptions { DeadLetterQueue = dead, TimeToLive = TimeSpan.FromSeconds(1) };
        host.Do(CreateTestProbe(), new DeclareQueue(HostBench.Orders, options) { DeadLetterGroup = new GroupId(1) }, host.Enqueue("1", "2"));
        host.Advance(TimeSpan.FromSeconds(1));
        host.CommitOthers(Tick.Instance); // they have expired
        host.Status();
        host.Host.Tell(new OutboxDelayed(dead, "Queue 'dead' is full."), TestActor);
        host.Advance(Limit);
        Assert.True(host.Status().IsHealthy);
        host.Advance(TimeSpan.FromSeconds(1));
        Assert.False(host.Status().IsHealthy);
        // The courier, which nobody answers here, notes its own time-out too: the latest note is the reason.
        AwaitAssert(() =>
        {
            host.Host.Tell(new OutboxDelayed(dead, "Queue 'dead' is full."), TestActor);
            Assert.Equal(
                "2 messages for queue 'dead' of group 1 have waited in the outbox for 11 s: Queue 'dead' is full.", host.Status().Health);
        });

        host.CommitOthers(new ConfirmTransfer(dead, host.Now.Milliseconds, 1)); // of another outbox
        Assert.False(host.Status().IsHealthy);
        host.CommitOthers(new DeleteQueue(HostBench.Orders));
        Assert.False(host.Status().IsHealthy); // they wait all the same
        host.StopLeading();
        Assert.True(host.Status().IsHealthy); // its successor sends, and says
    }

    [Fact]
    public void A_follower_that_only_applies_is_healthy_however_long_nothing_happens()
    {
        var host = new HostBench(this);
        host.CommitOthers(new DeclareQueue(HostBench.Orders, QueueOptions.Default),
            new Receive(HostBench.Orders, ConsumerId.New(), 1, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Advance(TimeSpan.FromHours(1));
        Assert.True(host.Status().IsHealthy);
    }
}
