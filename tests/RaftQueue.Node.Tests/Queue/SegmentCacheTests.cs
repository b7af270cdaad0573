using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>Bodies leave memory when they are on disk, and come back before consumers miss them (P7).</summary>
public sealed class SegmentCacheTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly QueueName Other = new("other");
    private readonly ConsumerId _consumer = ConsumerId.New();

    private Subscribe Subscribe(int prefetch) => new(HostBench.Orders, _consumer, prefetch, Lease: TimeSpan.Zero);

    private static Receive Pull(int most, TimeSpan? wait = null) => new(HostBench.Orders, ConsumerId.New(), most, wait ?? TimeSpan.Zero, TimeSpan.Zero);

    [Fact]
    public void A_body_leaves_memory_only_when_its_snapshot_is_stored()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        Peek(backlog, client, from: 1);
        Assert.Single(backlog.Host.Told(client)); // captured, but not stored yet: answered from memory
        Assert.Empty(backlog.Reads());

        backlog.Store();
        Peek(backlog, client, from: 1);
        Assert.Empty(backlog.Host.Told(client));
        Assert.Equal(0, Assert.Single(backlog.Reads()).Segment);
        Peek(backlog, client, from: 20);
        Assert.Single(backlog.Host.Told(client)); // the open segment stays
    }

    [Fact]
    public void Within_the_bound_nothing_leaves()
    {
        var (backlog, client) = (new DeepBacklog(this, cacheBytes: 64 << 20), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Subscribe(prefetch: 20));
        Assert.Equal(Enumerable.Range(1, 20), Delivered(backlog.Host.Told(client)));
        Assert.Empty(backlog.Reads());
    }

    [Fact]
    public void A_delivery_waits_for_its_body_and_holds_up_nobody_else()
    {
        var (backlog, slow, quick) = (new DeepBacklog(this), CreateTestProbe(), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(slow, Subscribe(prefetch: 2));
        Assert.Empty(Delivered(backlog.Host.Told(slow)));
        var read = Assert.Single(backlog.Reads());

        backlog.Host.Do(quick, new DeclareQueue(Other, QueueOptions.Default), new Subscribe(Other, ConsumerId.New(), 1, TimeSpan.Zero));
        backlog.Host.Do(quick, backlog.Host.Enqueue("21-") with { Queue = Other, Producer = ProducerId.New(), FirstSequence = 1 });
        Assert.Equal([21], Delivered(backlog.Host.Told(quick)));
        Assert.Empty(backlog.Host.Told(slow));

        backlog.Answer(read);
        Assert.Equal([1, 2], Delivered(backlog.Host.Told(slow)));
    }

    [Fact]
    public void What_waits_for_another_group_is_packed_when_its_bodies_are_read_back()
    {
        var (backlog, client, courier) = (new DeepBacklog(this), CreateTestProbe(), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, new Redrive(HostBench.Orders, Guid.NewGuid(), Other, 2) { TargetGroup = new GroupId(1) });
        backlog.Host.Host.Tell(new PackOutbox(Other, 1), courier);
        var read = Assert.Single(backlog.Reads());
        Assert.False(courier.HasMessages);

        backlog.Answer(read);
        var origin = Assert.Single(courier.ExpectMsg<OutboxPacked>(TimeSpan.FromSeconds(60)).Consignment!.Transfer.Origins);
        Assert.Equal((HostBench.Orders, 1), (origin.Source, origin.SourceSequence));
    }

    [Fact]
    public void A_consumer_empties_a_backlog_in_order_though_the_cache_has_no_room()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Subscribe(prefetch: 3));
        var seen = new List<int>();
        while (seen.Count < DeepBacklog.Messages)
        {
            backlog.AnswerAll();
            var deliveries = backlog.Host.Told(client).OfType<Deliver>().SelectMany(deliver => deliver.Deliveries.ToList()).ToList();
            Assert.NotEmpty(deliveries);
            seen.AddRange(DeepBacklog.Numbers(DeliveryBlock.Of(deliveries)));
            backlog.Host.Do(client, new Settle(HostBench.Orders, _consumer, 0, [.. deliveries.Select(
                delivery => new Settlement(SettlementKind.Ack, delivery.Sequence, delivery.Token, ""))]));
        }

        Assert.Equal(Enumerable.Range(1, DeepBacklog.Messages), seen);
    }

    [Fact]
    public void A_restored_host_reads_no_full_segment_before_somebody_needs_it_and_then_reads_ahead()
    {
        var before = new DeepBacklog(this);
        var backlog = before.Restart(this, cacheBytes: 64 << 20);
        Assert.Equal(before.Host.Status().Digest, backlog.Host.Status().Digest);
        Assert.Empty(backlog.Reads());

        backlog.Host.Lead();
        var client = CreateTestProbe();
        backlog.Host.Do(client, Subscribe(prefetch: 1));
        Assert.Equal([0, 1, 2, 3], backlog.Reads().Select(read => read.Segment)); // that which is awaited first
    }

    [Fact]
    public void Digest_and_state_are_the_same_whatever_is_in_memory()
    {
        var inMemory = new DeepBacklog(this);
        var evicted = inMemory.Restart(this);
        Assert.Equal(inMemory.Host.Status().Digest, evicted.Host.Status().Digest);
        foreach (var backlog in new[] { inMemory, evicted })
        {
            backlog.Host.CommitOthers(Subscribe(prefetch: 3), new Settle(HostBench.Orders, _consumer, 0, [new Settlement(SettlementKind.Reject, 2, 2, "")]));
            Assert.Empty(backlog.Reads()); // a follower applies, and needs no body for it
        }

        Assert.Equal(inMemory.Host.Status().Digest, evicted.Host.Status().Digest);
    }

    [Fact]
    public void A_message_whose_lease_ended_while_its_body_was_read_is_delivered_under_the_new_lease_only()
    {
        var (backlog, client) = (new DeepBacklog(this, options: new QueueOptions { Lease = TimeSpan.FromSeconds(1) }), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Subscribe(prefetch: 2));
        var read = Assert.Single(backlog.Reads());
        backlog.Host.Advance(TimeSpan.FromSeconds(2));
        backlog.Host.CommitOthers(Tick.Instance); // the leases end, and the messages are leased to it anew
        Assert.Empty(Delivered(backlog.Host.Told(client)));
        backlog.Answer(read);
        var deliveries = backlog.Host.Told(client).OfType<Deliver>().SelectMany(deliver => deliver.Deliveries.ToList()).ToList();
        var first = backlog.Host.FirstToken;
        Assert.Equal([(1L, first), (2L, first + 1)], deliveries.Select(delivery => (delivery.Sequence, delivery.Token)));
    }

    [Fact]
    public void A_consumer_that_subscribes_again_while_it_waits_is_delivered_each_message_once()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Subscribe(prefetch: 2));
        backlog.Host.Do(client, Subscribe(prefetch: 2));
        backlog.AnswerAll();
        Assert.Equal([1, 2], Delivered(backlog.Host.Told(client)));
    }

    [Fact]
    public void A_pull_over_two_segments_is_answered_when_both_were_read()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Pull(1));
        backlog.Host.Do(client, Pull(2));
        backlog.AnswerAll();
        backlog.Host.Told(client);

        backlog.Host.Do(client, Pull(2));
        var first = Assert.Single(backlog.Reads());
        backlog.Answer(first);
        Assert.Empty(backlog.Host.Told(client));
        Assert.Equal([1], backlog.AnswerAll());
        Assert.Equal([4, 5], DeepBacklog.Numbers(Assert.IsType<Received>(Assert.Single(backlog.Host.Told(client))).Deliveries));
    }

    [Fact]
    public void A_pull_that_waits_for_a_body_is_told_when_leadership_ends()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Pull(1));
        Assert.Empty(backlog.Host.Told(client));
        backlog.Host.StopLeading();
        Assert.Equal([HostBench.Redirect(outcomeUnknown: true)], backlog.Host.Told(client));
        backlog.AnswerAll();
        Assert.Empty(backlog.Host.Told(client));
    }

    [Fact]
    public void A_peek_over_two_segments_is_answered_though_the_cache_has_no_room_for_one()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        Peek(backlog, client, from: 4, most: 2);
        Assert.Equal([0, 1], backlog.AnswerAll());
        Assert.Equal([4, 5], DeepBacklog.Numbers(Assert.IsType<Peeked>(Assert.Single(backlog.Host.Told(client))).Deliveries));
    }

    [Fact]
    public void A_peek_that_waits_while_a_snapshot_is_installed_is_answered_from_that()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        Peek(backlog, client, from: 1);
        var old = Assert.Single(backlog.Reads());
        backlog.Install();
        Assert.Equal(0, Assert.Single(backlog.Reads()).Segment); // anew
        Assert.Empty(backlog.Host.Told(client));
        backlog.Answer(old);
        Assert.Equal([1], DeepBacklog.Numbers(Assert.IsType<Peeked>(Assert.Single(backlog.Host.Told(client))).Deliveries));
        backlog.Answer(old); // the second read comes too late, and changes nothing
        Assert.Empty(backlog.Host.Told(client));
    }

    [Fact]
    public void Peeks_beyond_a_bound_are_told_to_try_again()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        for (var i = 0; i < 70; i++)
            Peek(backlog, client, from: 1);
        var refused = backlog.Host.Told(client);
        Assert.Equal(6, refused.Count);
        Assert.All(refused, reply => Assert.Equal(RefusalCode.Busy, Assert.IsType<Refused>(reply).Code));
        backlog.AnswerAll();
        Assert.Equal(64, backlog.Host.Told(client).OfType<Peeked>().Count());
    }

    [Fact]
    public void A_segment_whose_messages_have_gone_meanwhile_is_missed_by_nobody()
    {
        var (backlog, client) = (new DeepBacklog(this), CreateTestProbe());
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(client, Subscribe(prefetch: 2));
        var read = Assert.Single(backlog.Reads());
        backlog.Host.Do(client, new DeleteQueue(HostBench.Orders));
        backlog.Host.Host.Tell(new SegmentUnreadable(read.Segment, new IOException("it is not there")), backlog.Host.Snapshots);
        Assert.DoesNotContain(backlog.Host.Told(client), told => told is Deliver);
        Assert.True(backlog.Host.Status().IsHealthy);
    }

    [Fact]
    public void A_damaged_segment_is_named_and_stops_the_replica()
    {
        var backlog = Waiting(out var read);
        EventFilter.Exception<DamagedSnapshotException>(contains: $"Snapshot piece '{read.Piece}' is damaged").ExpectOne(() => backlog.Answer(read, bytes =>
        {
            var altered = bytes.ToArray();
            altered[1000] ^= 1;
            return altered;
        }));
    }

    [Fact]
    public void A_segment_that_cannot_be_read_is_named_and_stops_the_replica()
    {
        var backlog = Waiting(out var read);
        EventFilter.Exception<InvalidOperationException>(contains: $"Segment 0 of the queues ('{read.Piece}') cannot be read back: no such disk").ExpectOne(
            () => backlog.Host.Host.Tell(new SegmentUnreadable(read.Segment, new IOException("no such disk")), backlog.Host.Snapshots));
    }

    private DeepBacklog Waiting(out ReadSegment read)
    {
        var backlog = new DeepBacklog(this);
        backlog.Store();
        backlog.Host.Lead();
        backlog.Host.Do(CreateTestProbe(), Subscribe(prefetch: 1));
        read = Assert.Single(backlog.Reads());
        return backlog;
    }

    private static void Peek(DeepBacklog backlog, Akka.TestKit.TestProbe client, long from, int most = 1) =>
        backlog.Host.Host.Tell(new AskQuery(new Origin(client, 9), new Peek(HostBench.Orders, from, most)), backlog.Host.Raft);

    private static IEnumerable<int> Delivered(IEnumerable<object> told) => told.OfType<Deliver>().SelectMany(deliver => DeepBacklog.Numbers(deliver.Deliveries));
}
