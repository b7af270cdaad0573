using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>Every replica applies; only the leader answers, delivers and keeps time (P5).</summary>
public sealed class QueueHostTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly DeclareQueue Declare = new(HostBench.Orders, QueueOptions.Default);
    private readonly ConsumerId _consumer = ConsumerId.New();

    private Subscribe Subscribe => new(HostBench.Orders, _consumer, Prefetch: 10, Lease: TimeSpan.Zero);

    [Fact]
    public void The_leader_answers_each_command_when_it_is_committed()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        var entries = host.Propose(client, Declare, host.Enqueue("a", "b"));
        Assert.Empty(host.Told(client));
        host.Commit(entries);
        Assert.Equal([new Declared(HostBench.Orders, IsNew: true), new Enqueued(HostBench.Orders, 1, 1, 2, null)], host.Told(client));
    }

    [Fact]
    public void What_waits_for_another_group_is_packed_by_the_leader_only_and_leaves_by_an_entry_when_it_has_arrived()
    {
        var (host, client, courier) = (new HostBench(this), CreateTestProbe(), CreateTestProbe());
        var dead = new QueueName("dead");
        host.CommitOthers(
            new DeclareQueue(HostBench.Orders, new QueueOptions { DeadLetterQueue = dead }) { DeadLetterGroup = new GroupId(1) },
            host.Enqueue("bad"),
            new Contracts.Queue.Receive(HostBench.Orders, _consumer, 1, TimeSpan.Zero, TimeSpan.Zero),
            new Settle(HostBench.Orders, _consumer, 0, [new Settlement(SettlementKind.Reject, 1, host.FirstToken, "no such customer")]));
        host.Host.Tell(new PackOutbox(dead, 1), courier);
        Assert.Null(courier.ExpectMsg<OutboxPacked>().Consignment);
        host.Host.Tell(new OutboxArrived(new Transferred(dead, 1, 1)), courier);
        Assert.Empty(host.OwnProposals());

        host.Lead();
        host.Host.Tell(new PackOutbox(dead, 2), courier);
        var transfer = courier.ExpectMsg<OutboxPacked>().Consignment!.Transfer;
        Assert.Equal((Members.Group, "no such customer"), (transfer.From, transfer.Origins.Single().Reason));
        host.Host.Tell(new OutboxArrived(new Transferred(dead, transfer.Outbox, 1)), courier);
        var confirm = Assert.IsType<ConfirmTransfer>(Assert.Single(host.OwnProposals()).Command);
        Assert.Equal(new ConfirmTransfer(dead, transfer.Outbox, 1), confirm);

        host.Do(client, confirm);
        Assert.Equal([new TransferConfirmed(dead, 1)], host.Told(client));
        host.Host.Tell(new PackOutbox(dead, 3), courier);
        Assert.Null(courier.ExpectMsg<OutboxPacked>().Consignment);
    }

    [Fact]
    public void A_follower_applies_the_same_and_says_nothing()
    {
        var (leader, follower, client) = (new HostBench(this), new HostBench(this), CreateTestProbe());
        leader.Lead();
        var entries = leader.Propose(client, Declare, leader.Enqueue("a", "b"), Subscribe);
        leader.Commit(entries);
        follower.Commit(entries);
        Assert.Equal(leader.Status().Digest, follower.Status().Digest);
        Assert.Equal(new LogIndex(3), follower.Status().AppliedIndex);
        Assert.Empty(follower.OwnProposals());
    }

    [Fact]
    public void What_earlier_leaders_committed_has_no_effects_here()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.CommitOthers(Declare, host.Enqueue("a"), Subscribe);
        host.CommitNoOp();
        host.Lead();
        Assert.Empty(host.Told(client));
        host.Do(client, host.Enqueue("b"));
        Assert.Equal([new Enqueued(HostBench.Orders, 2, 2, 1, null)], host.Told(client)); // and no delivery: the consumer has not come yet
    }

    [Fact]
    public void A_command_that_is_committed_together_with_the_leaders_no_op_is_answered()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.CommitNoOp();
        host.Commit(host.Propose(client, Declare)); // before the host is told that it leads
        Assert.Equal([new Declared(HostBench.Orders, IsNew: true)], host.Told(client));
    }

    [Fact]
    public void When_leadership_ends_everybody_who_waits_is_told_once()
    {
        var (host, client, consumer) = (new HostBench(this), CreateTestProbe(), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Told(consumer);
        var pending = host.Propose(client, host.Enqueue("a"));
        host.StopLeading();
        Assert.Equal([HostBench.Redirect(outcomeUnknown: true)], host.Told(client));
        Assert.Equal([HostBench.Redirect(outcomeUnknown: true)], host.Told(consumer)); // it subscribes at the new leader
        host.Commit(pending); // another leader commits it after all
        Assert.Empty(host.Told(client));
        Assert.Empty(host.Told(consumer));
        Assert.Equal(new LogIndex(3), host.Status().AppliedIndex);
    }

    [Fact]
    public void A_sign_of_life_to_a_replica_that_does_not_lead_is_answered_with_who_does()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.StopLeading();
        host.KeepAlive(client, _consumer);
        Assert.Equal([HostBench.Redirect(outcomeUnknown: false)], host.Told(client));
    }

    [Fact]
    public void Deliveries_are_pushed_in_order_as_messages_arrive()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, host.Enqueue("a", "b"), Subscribe);
        host.Do(CreateTestProbe(), host.Enqueue("c"), host.Enqueue("d"));
        var deliveries = host.Told(consumer).OfType<Deliver>().ToList();
        Assert.Equal(["a", "b", "c", "d"], deliveries.SelectMany(deliver => HostBench.Bodies(deliver.Deliveries)));
        Assert.Equal(2, deliveries.Count); // those of one turn travel together
    }

    [Fact]
    public void Deliveries_travel_in_frames_that_leave_room_for_others()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        var large = new string('x', 30_000);
        host.Do(consumer, Declare, Subscribe, host.Enqueue(large, large, large, large, large));
        var frames = host.Told(consumer).OfType<Deliver>().Select(deliver => deliver.Deliveries.Bytes.Length).ToList();
        Assert.Equal(3, frames.Count);
        Assert.All(frames, bytes => Assert.True(bytes < Bounds.MaxChunkBytes + 1000));
    }

    [Fact]
    public void A_pull_is_answered_as_soon_as_there_is_a_message()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, Declare);
        host.Told(client);
        host.Do(client, new Receive(HostBench.Orders, _consumer, 5, TimeSpan.FromSeconds(30), TimeSpan.Zero));
        Assert.Empty(host.Told(client));
        host.Do(CreateTestProbe(), host.Enqueue("a", "b"));
        Assert.Equal(["a", "b"], HostBench.Bodies(Assert.IsType<Received>(Assert.Single(host.Told(client))).Deliveries));
        host.StopLeading();
        Assert.Empty(host.Told(client)); // it is over, and forgotten
    }

    [Fact]
    public void The_wait_of_a_pull_ends_by_a_tick()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, Declare, new Receive(HostBench.Orders, _consumer, 5, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Told(client);
        host.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(host.OwnProposals());
        host.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(Tick.Instance, Assert.Single(host.OwnProposals()).Command);
        host.CommitOthers(Tick.Instance);
        Assert.Equal(0, Assert.IsType<Received>(Assert.Single(host.Told(client))).Deliveries.Count);
        host.Advance(TimeSpan.FromMinutes(10));
        Assert.Empty(host.OwnProposals()); // nothing is due any more
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-1)]
    [Trait("Category", "Fault")]
    public void F04_The_wait_of_a_pull_ends_in_time_although_the_wall_clock_jumps(int hours)
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, Declare, new Receive(HostBench.Orders, _consumer, 5, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Told(client);
        host.WallError = TimeSpan.FromHours(hours);
        host.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Empty(host.OwnProposals());
        Assert.True(host.Status().IsHealthy);
        host.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(Tick.Instance, Assert.Single(host.OwnProposals()).Command);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F04_A_new_leader_proposes_a_tick_at_once_where_something_waits_for_log_time()
    {
        var host = new HostBench(this);
        host.CommitOthers(Declare, new Receive(HostBench.Orders, _consumer, 5, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Lead();
        Assert.Equal(Tick.Instance, Assert.Single(host.OwnProposals()).Command);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F14_The_leader_proposes_the_next_tick_at_once_while_work_is_left()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, new DeclareQueue(HostBench.Orders, QueueOptions.Default with { Delay = TimeSpan.FromSeconds(1) }));
        for (var command = 0; command < 17; command++)
            host.Do(client, host.Enqueue([.. Enumerable.Repeat("m", Bounds.MaxMessagesPerCommand)])); // more than two entries may do
        host.OwnProposals();
        host.Advance(TimeSpan.FromSeconds(1));
        var ticks = 0;
        while (host.OwnProposals().Count > 0)
        {
            ticks++;
            host.CommitOthers(Tick.Instance);
            host.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(3, ticks);
        Assert.True(host.Status().LongestApply < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public void A_tick_that_was_not_taken_is_proposed_again()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(client, Declare, new Receive(HostBench.Orders, _consumer, 5, TimeSpan.FromSeconds(5), TimeSpan.Zero));
        host.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(host.OwnProposals());
        host.Advance(TimeSpan.FromSeconds(1));
        Assert.Single(host.OwnProposals());
    }

    [Fact]
    public void A_follower_keeps_no_time()
    {
        var host = new HostBench(this);
        host.CommitOthers(Declare, host.Enqueue("a"), Subscribe);
        host.Advance(TimeSpan.FromHours(1));
        Assert.Empty(host.OwnProposals());
    }

    [Fact]
    public void A_consumer_that_comes_to_a_new_leader_is_sent_again_what_it_holds()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.CommitOthers(Declare, host.Enqueue("a", "b"), Subscribe); // by the leader before
        host.Lead();
        Assert.Empty(host.Told(consumer));
        host.Do(consumer, Subscribe);
        var again = Assert.Single(host.Told(consumer).OfType<Deliver>());
        Assert.Equal(["a", "b"], HostBench.Bodies(again.Deliveries));
        Assert.All(again.Deliveries.ToList(), delivery => Assert.Equal(1, delivery.DeliveryCount));
    }

    [Fact]
    public void What_is_settled_in_the_turn_in_which_it_is_sent_again_is_not_sent_and_stops_nobody()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        var large = new string('x', 200_000); // six of them are more than a segment: the last begins the next one
        host.Do(consumer, [Declare, Subscribe, .. Enumerable.Range(0, 6).Select(_ => host.Enqueue(large))]);
        var held = host.Told(consumer).OfType<Deliver>().SelectMany(deliver => deliver.Deliveries.ToList()).ToList();
        Assert.Equal(6, held.Count);
        host.StopLeading();
        host.Lead(term: 2);
        host.Told(consumer);

        host.Do(consumer, Subscribe, new Settle(
            HostBench.Orders, _consumer, held[4].Token, [.. held.Take(5).Select(delivery => new Settlement(SettlementKind.Ack, delivery.Sequence, delivery.Token, ""))]));

        var again = host.Told(consumer).OfType<Deliver>().SelectMany(deliver => deliver.Deliveries.ToList());
        Assert.Equal(held[5].Sequence, Assert.Single(again).Sequence);
    }

    [Fact]
    public void A_silent_consumer_is_given_up_after_the_session_timeout()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Advance(TimeSpan.FromSeconds(9));
        host.KeepAlive(consumer, _consumer, startedThrough: 3);
        host.Told(consumer);
        host.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(host.OwnProposals());
        host.Advance(TimeSpan.FromSeconds(1));
        var end = Assert.IsType<Unsubscribe>(host.OwnProposals()[^1].Command);
        Assert.Equal(new Unsubscribe(HostBench.Orders, _consumer, StartedThrough: long.MaxValue), end); // it may go on with what it holds

        host.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(end, host.OwnProposals()[^1].Command); // until it is committed
        host.Do(Akka.Actor.ActorRefs.Nobody, end with { StartedThrough = 0 });
        var told = Assert.IsType<SubscriptionEnded>(Assert.Single(host.Told(consumer)));
        Assert.Equal(RefusalCode.UnknownConsumer, told.Reason.Code); // it may subscribe again
        host.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(host.OwnProposals());
    }

    [Fact]
    public void A_consumer_whose_connection_was_closed_is_given_up_sooner_unless_it_comes_back()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Host.Tell(new ClientLost(consumer.Ref.Path.Address), TestActor);
        host.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(host.OwnProposals());
        host.KeepAlive(consumer, _consumer);
        host.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(host.OwnProposals());

        host.Host.Tell(new ClientLost(consumer.Ref.Path.Address), TestActor);
        host.Advance(TimeSpan.FromSeconds(4));
        Assert.IsType<Unsubscribe>(Assert.Single(host.OwnProposals()).Command);
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData(1, 1)]
    [InlineData(0, 0)] // it may have ended before it could tell: the first that it holds counts
    public void F22_A_consumer_that_died_is_counted_for_what_it_told_and_for_the_first_that_it_held(int told, int counted)
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe, host.Enqueue("a", "b", "c"));
        host.KeepAlive(consumer, _consumer, told == 0 ? 0 : host.FirstToken + told);
        var first = host.FirstToken;
        host.Host.Tell(new ClientLost(consumer.Ref.Path.Address), TestActor);
        host.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(new Unsubscribe(HostBench.Orders, _consumer, first + counted), Assert.Single(host.OwnProposals()).Command);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_A_consumer_that_never_came_to_this_leader_is_counted_for_everything_that_it_holds()
    {
        var host = new HostBench(this);
        host.CommitOthers(Declare, host.Enqueue("a", "b"), Subscribe); // by the leader before, which alone knew what it had started
        host.Lead();
        host.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal(new Unsubscribe(HostBench.Orders, _consumer, long.MaxValue), host.OwnProposals()[^1].Command);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F22_What_a_consumer_tells_when_it_subscribes_again_counts_when_it_dies()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.CommitOthers(Declare, host.Enqueue("a", "b"), Subscribe);
        host.Lead();
        var started = host.FirstToken + 1;
        host.Do(consumer, Subscribe with { StartedThrough = started });
        host.Host.Tell(new ClientLost(consumer.Ref.Path.Address), TestActor);
        host.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal(started, Assert.IsType<Unsubscribe>(host.OwnProposals()[^1].Command).StartedThrough);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F02_Every_push_says_what_was_sent_before_it_from_the_beginning_of_the_subscription()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Do(consumer, host.Enqueue("a", "b"));
        host.Do(consumer, host.Enqueue("c"));
        var first = host.FirstToken;
        Assert.Equal([0, first + 1], host.Told(consumer).OfType<Deliver>().Select(push => push.After));

        host.Do(consumer, Subscribe);
        host.Do(consumer, host.Enqueue("d"));
        var again = host.Told(consumer).OfType<Deliver>().ToList();
        Assert.Equal([0, first + 2], again.Select(push => push.After));
        Assert.Equal(["a", "b", "c"], HostBench.Bodies(again[0].Deliveries));
    }

    [Fact]
    public void A_consumer_that_the_queue_does_not_know_is_told_so()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.KeepAlive(consumer, _consumer);
        Assert.Empty(host.Told(consumer)); // its subscription may be on its way
        host.Advance(TimeSpan.FromSeconds(1));
        host.KeepAlive(consumer, _consumer);
        Assert.Equal(RefusalCode.UnknownConsumer, Assert.IsType<SubscriptionEnded>(Assert.Single(host.Told(consumer))).Reason.Code);
    }

    [Fact]
    public void A_consumer_that_unsubscribes_is_not_told_that_it_ended()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Told(consumer);
        host.Do(consumer, new Unsubscribe(HostBench.Orders, _consumer, 0));
        Assert.Equal([new Unsubscribed(HostBench.Orders, _consumer, 0)], host.Told(consumer));
    }

    [Fact]
    public void A_deleted_queue_ends_its_consumers_by_name()
    {
        var (host, consumer) = (new HostBench(this), CreateTestProbe());
        host.Lead();
        host.Do(consumer, Declare, Subscribe);
        host.Told(consumer);
        host.Do(CreateTestProbe(), new DeleteQueue(HostBench.Orders));
        Assert.Equal(RefusalCode.UnknownQueue, Assert.IsType<SubscriptionEnded>(Assert.Single(host.Told(consumer))).Reason.Code);
    }

    [Fact]
    public void A_snapshot_is_taken_when_enough_was_applied_and_one_at_a_time()
    {
        var host = new HostBench(this, HostBench.Settings with { SnapshotEntries = 3 });
        host.CommitOthers(Declare, host.Enqueue("a"));
        host.Snapshots.ExpectNoMsg(TimeSpan.Zero);
        host.CommitOthers(host.Enqueue("b"));
        var capture = host.Snapshots.ExpectMsg<SaveMachine>().Capture;
        Assert.Equal(new LogIndex(3), capture.Index);
        host.CommitOthers(host.Enqueue("c"), host.Enqueue("d"), host.Enqueue("e"));
        Assert.False(host.Snapshots.HasMessages);

        host.Host.Tell(new MachineSaved(capture.Index, capture.Stamp), host.Snapshots);
        Assert.Equal(new MachineSaved(capture.Index, capture.Stamp), host.Raft.FishForMessage<MachineSaved>(_ => true)); // the log may be compacted
        host.CommitOthers(host.Enqueue("f"));
        Assert.Equal(new LogIndex(7), host.Snapshots.ExpectMsg<SaveMachine>().Capture.Index);
    }

    [Fact]
    public void A_host_that_starts_after_a_snapshot_applies_nothing_before_it_is_restored()
    {
        var before = new HostBench(this, HostBench.Settings with { SnapshotEntries = 1 });
        var (declare, first) = (Declare, before.Enqueue("a"));
        before.CommitOthers(declare, first);
        var capture = before.Snapshots.ExpectMsg<SaveMachine>().Capture;
        var later = before.Enqueue("b");
        before.CommitOthers(later);

        var meta = new SnapshotMeta(capture.Index, new Term(1), capture.Stamp, Members.Voters(3), 1);
        var host = new HostBench(this, start: meta);
        Assert.Equal(meta, host.Snapshots.ExpectMsg<RestoreMachine>().Meta);
        var entry = new Entry(new LogIndex(3), new Term(1), before.Now, EntryKind.Command, Contracts.Wire.CommandCodec.Encode(later));
        host.Host.Tell(new Committed([entry]), host.Raft);
        var pieces = capture.NewPieces.ToDictionary(piece => piece.Name, piece => piece.Bytes);
        host.Host.Tell(new MachineRestored(QueueMachine.Restore(capture.Manifest, name => pieces[name])), host.Snapshots);
        Assert.Equal((new LogIndex(3), before.Status().Digest), (host.Status().AppliedIndex, host.Status().Digest));
    }

    [Fact]
    public void A_question_is_answered_from_what_is_applied()
    {
        var (host, client) = (new HostBench(this), CreateTestProbe());
        host.CommitOthers(Declare, host.Enqueue("a", "b"));
        host.Host.Tell(new AskQuery(new Origin(client, 9), new GetQueueStats(HostBench.Orders)), host.Raft);
        Assert.Equal(2, Assert.IsType<QueueStats>(Assert.Single(host.Told(client))).Ready);
    }
}
