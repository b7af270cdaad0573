using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Tests.Raft;
using Xunit;
using Receive = RaftQueue.Contracts.Queue.Receive;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>The leader ends the pulls whose clients are gone, and counts no delivery that nobody can have seen.</summary>
[Trait("Category", "Fault")]
public sealed class AbandonedPullTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly ConsumerId Id = new(new Guid(1, 0, 0, new byte[8]));
    private static readonly Receive Pull = new(HostBench.Orders, Id, 5, TimeSpan.FromSeconds(30), TimeSpan.Zero);
    private static readonly DeclareQueue Declare = new(HostBench.Orders, new QueueOptions());

    [Fact]
    public void F06_A_waiting_pull_ends_with_its_connection()
    {
        var (host, client) = Waiting();
        host.Host.Tell(new ClientLost(client.Ref.Path.Address));
        Assert.Equal(new Unsubscribe(HostBench.Orders, Id, 0), Assert.Single(host.OwnProposals()).Command);
    }

    [Fact]
    public void F06_What_comes_before_the_end_of_an_abandoned_pull_is_committed_goes_back_uncounted()
    {
        var (host, client) = Waiting();
        host.Host.Tell(new ClientLost(client.Ref.Path.Address));
        var end = Assert.Single(host.OwnProposals()).Command;
        host.Do(CreateTestProbe(), host.Enqueue("a"));
        Assert.Empty(host.Told(client)); // its connection is closed

        host.CommitOthers(end);

        Assert.Equal([("a", 1)], Next(host));
    }

    [Fact]
    public void F06_A_waiting_pull_that_is_not_named_any_more_ends_after_the_session_timeout()
    {
        var (host, client) = Waiting();
        host.Advance(TimeSpan.FromSeconds(5));
        host.KeepAlive(client, Id);
        host.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(host.OwnProposals());
        host.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(new Unsubscribe(HostBench.Orders, Id, 0), host.OwnProposals()[0].Command);
    }

    [Fact]
    public void F06_A_client_that_comes_back_asks_again_and_is_answered()
    {
        var (host, client) = Waiting();
        host.Host.Tell(new ClientLost(client.Ref.Path.Address));
        var end = Assert.Single(host.OwnProposals()).Command;
        host.CommitOthers(end);
        host.Do(client, Pull);
        host.Do(CreateTestProbe(), host.Enqueue("a"));
        Assert.Equal(["a"], HostBench.Bodies(Assert.IsType<Received>(host.Told(client)[^1]).Deliveries));
    }

    [Fact]
    public void F06_What_a_lost_client_had_handed_over_counts()
    {
        var (host, client) = Waiting();
        host.Do(CreateTestProbe(), host.Enqueue("a"));
        var delivery = Assert.Single(Assert.IsType<Received>(host.Told(client)[^1]).Deliveries.ToList());
        host.KeepAlive(client, Id, delivery.Token);
        host.Host.Tell(new ClientLost(client.Ref.Path.Address));
        Assert.Empty(host.OwnProposals());

        host.Advance(TimeSpan.FromSeconds(5));

        host.CommitOthers(host.OwnProposals()[0].Command);
        Assert.Equal([("a", 2)], Next(host));
    }

    [Fact]
    public void F06_A_pull_that_nobody_takes_up_with_a_new_leader_ends()
    {
        var host = new HostBench(this);
        host.CommitOthers(Declare, Pull);
        host.Lead();
        host.Do(CreateTestProbe(), host.Enqueue("a"));
        host.Advance(TimeSpan.FromSeconds(12));

        host.CommitOthers(host.OwnProposals().Select(own => own.Command).OfType<Unsubscribe>().First());

        Assert.Equal([("a", 1)], Next(host));
    }

    [Fact]
    public void F06_A_pull_that_holds_nothing_any_more_is_forgotten()
    {
        var (host, client) = Waiting();
        host.Do(CreateTestProbe(), host.Enqueue("a"));
        var delivery = Assert.Single(Assert.IsType<Received>(host.Told(client)[^1]).Deliveries.ToList());
        host.Do(client, new Settle(HostBench.Orders, Id, delivery.Token, [new Settlement(SettlementKind.Ack, delivery.Sequence, delivery.Token, "")]));
        host.Advance(TimeSpan.FromSeconds(30));
        Assert.DoesNotContain(host.OwnProposals(), own => own.Command is Unsubscribe);
    }

    private (HostBench Host, TestProbe Client) Waiting()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, Declare, Pull);
        host.Told(client);
        host.OwnProposals();
        return (host, client);
    }

    private List<(string Body, int Count)> Next(HostBench host)
    {
        var other = CreateTestProbe();
        host.Do(other, Pull with { Consumer = new ConsumerId(new Guid(2, 0, 0, new byte[8])), Wait = TimeSpan.Zero });
        var deliveries = Assert.IsType<Received>(host.Told(other)[^1]).Deliveries;
        return [.. HostBench.Bodies(deliveries).Zip(deliveries.ToList(), (body, delivery) => (body, delivery.DeliveryCount))];
    }
}
