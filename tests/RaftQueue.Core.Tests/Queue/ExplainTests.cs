using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>The log is the history: what it tells of one message.</summary>
public sealed class ExplainTests
{
    private readonly History _history = new();

    [Fact]
    public void A_message_is_told_from_its_producer_through_two_deliveries_to_its_acknowledgement()
    {
        _history.Declare();
        _history.Send("1", "2");
        var first = _history.Pull(Bob);
        _history.Do(new Settle(Orders, Bob, 0, [Release(first[0])]));
        var again = _history.Pull(Carol);
        _history.Do(new Extend(Orders, Carol, [again[0].Token], Seconds(90)));
        _history.Do(new Settle(Orders, Carol, 0, [Ack(again[0])]));

        var told = _history.Explain(Orders, 1);

        Assert.Equal(
            [MessageEventKind.Enqueued, MessageEventKind.Delivered, MessageEventKind.Released, MessageEventKind.Delivered, MessageEventKind.Extended, MessageEventKind.Acknowledged],
            told.Events.Select(happened => happened.Kind));
        Assert.Equal(Alice, told.Events[0].Producer);
        Assert.Equal([Bob, Bob, Carol, Carol, Carol], told.Events.Skip(1).Select(happened => happened.Consumer!.Value));
        Assert.Equal([1, 1, 2, 2, 2], told.Events.Skip(1).Select(happened => happened.DeliveryCount));
        Assert.Equal((MessageStanding.NotEnqueued, MessageStanding.Gone), (told.Before, told.Now));
        Assert.Equal((LogIndex.Zero, _history.Last), (told.Since, told.Through));
        Assert.True(told.Events.Select(happened => happened.Index).SequenceEqual(told.Events.Select(happened => happened.Index).Order()));
    }

    [Fact]
    public void What_time_alone_did_is_told_and_a_dead_letter_says_where_it_went_and_came_from()
    {
        _history.Declare(new QueueOptions { DeadLetterQueue = Dead, DeliveryLimit = 1, Lease = Seconds(10) });
        _history.Send("poison");
        _history.Pull(Bob);
        _history.Pass(20);

        var told = _history.Explain(Orders, 1);
        Assert.Equal(
            [MessageEventKind.Enqueued, MessageEventKind.Delivered, MessageEventKind.LeaseEnded, MessageEventKind.DeadLettered], told.Events.Select(happened => happened.Kind));
        Assert.Equal((Dead, 1, DeadLetterCause.DeliveryLimit), (told.Events[^1].Other, told.Events[^1].OtherSequence, told.Events[^1].Cause));

        _history.Do(new Redrive(Dead, Guid.NewGuid(), null, 1));
        var dead = _history.Explain(Dead, 1);
        Assert.Equal([MessageEventKind.ArrivedAsDeadLetter, MessageEventKind.Redriven], dead.Events.Select(happened => happened.Kind));
        Assert.Equal((Orders, 1), (dead.Events[0].Other, dead.Events[0].OtherSequence));
        Assert.Equal((Orders, 2), (dead.Events[1].Other, dead.Events[1].OtherSequence));
        Assert.Equal(MessageEventKind.ArrivedByRedrive, _history.Explain(Orders, 2).Events[0].Kind);
    }

    [Fact]
    public void A_consumer_that_ends_a_purge_and_a_deletion_are_told()
    {
        _history.Declare();
        _history.Send("1", "2");
        _history.Do(new Subscribe(Orders, Bob, 1, TimeSpan.Zero));
        _history.Do(new Unsubscribe(Orders, Bob, 0));
        Assert.Equal(
            [MessageEventKind.Enqueued, MessageEventKind.Delivered, MessageEventKind.ConsumerEnded], _history.Explain(Orders, 1).Events.Select(happened => happened.Kind));
        Assert.Equal(MessageStanding.Ready, _history.Explain(Orders, 1).Now);
        _history.Do(new PurgeQueue(Orders));
        Assert.Equal(MessageEventKind.Purged, _history.Explain(Orders, 2).Events[^1].Kind);
        _history.Send("3");
        _history.Do(new DeleteQueue(Orders));
        Assert.Equal(MessageEventKind.QueueDeleted, _history.Explain(Orders, 3).Events[^1].Kind);
    }

    [Fact]
    public void A_transfer_to_another_group_is_told_on_both_sides()
    {
        _history.Do(new DeclareQueue(Orders, new QueueOptions { DeadLetterQueue = Dead }) { DeadLetterGroup = TwoGroups.Second });
        _history.Send("bad");
        _history.Do(new Settle(Orders, Bob, 0, [Reject(_history.Pull(Bob)[0], "no such customer")]));
        var transfer = _history.Machine.Pack(Dead, TwoGroups.First, TwoGroups.MaxBytes)!.Transfer;
        _history.Do(new ConfirmTransfer(Dead, transfer.Outbox, 1));

        var told = _history.Explain(Orders, 1);
        Assert.Equal(
            [MessageEventKind.Enqueued, MessageEventKind.Delivered, MessageEventKind.Rejected, MessageEventKind.DeadLettered, MessageEventKind.TransferConfirmed],
            told.Events.Select(happened => happened.Kind));
        Assert.Equal("no such customer", told.Events[2].Reason);
        Assert.Equal((Dead, 0), (told.Events[3].Other, told.Events[3].OtherSequence));

        var other = new History();
        other.Do(transfer);
        var arrival = Assert.Single(other.Explain(Dead, 1).Events);
        Assert.Equal((MessageEventKind.ArrivedAsDeadLetter, Orders, 1, "no such customer"), (arrival.Kind, arrival.Other, arrival.OtherSequence, arrival.Reason));
    }

    [Fact]
    public void History_begins_at_the_snapshot_and_what_was_gone_by_then_is_answered_with_that()
    {
        _history.Declare();
        _history.Send("1", "2");
        var leases = _history.Pull(Bob, 2);
        _history.Do(new Settle(Orders, Bob, 0, [Ack(leases[0])]));
        var manifest = _history.Snapshot();
        _history.Do(new Settle(Orders, Bob, 0, [Ack(leases[1])]));

        var gone = _history.ExplainFrom(manifest, Orders, 1);
        Assert.Equal((MessageStanding.Gone, MessageStanding.Gone), (gone.Before, gone.Now));
        Assert.Empty(gone.Events);
        Assert.Equal(_history.Last.Previous, gone.Since);
        var held = _history.ExplainFrom(manifest, Orders, 2);
        Assert.Equal((MessageStanding.Leased, MessageStanding.Gone), (held.Before, held.Now));
        Assert.Equal(MessageEventKind.Acknowledged, Assert.Single(held.Events).Kind);
    }

    [Fact]
    public void An_unknown_queue_and_a_number_that_is_not_given_out_are_refused_by_name()
    {
        _history.Declare();
        _history.Send("1");
        Assert.Equal(RefusalCode.UnknownQueue, Assert.IsType<Refused>(_history.Ask(Dead, 1)).Code);
        var refused = Assert.IsType<Refused>(_history.Ask(Orders, 2));
        Assert.Equal(RefusalCode.OutOfBounds, refused.Code);
        Assert.Contains("1 to 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_was_released_for_ever_is_told_up_to_the_bound()
    {
        _history.Declare();
        _history.Send("1");
        for (var i = 0; i <= Bounds.MaxMessageEvents / 2; i++)
            _history.Do(new Settle(Orders, Bob, 0, [Release(_history.Pull(Bob)[0])]));
        var told = _history.Explain(Orders, 1);
        Assert.False(told.IsComplete);
        Assert.Equal(Bounds.MaxMessageEvents, told.Events.Length);
    }

    /// <summary>A machine with its log.</summary>
    private sealed class History
    {
        private readonly List<Entry> _log = [];
        private readonly SnapshotStore _store = new();
        private long _now = 1_000_000;
        private long _sent;

        public QueueMachine Machine { get; } = new(Tiny);

        public LogIndex Last => Machine.AppliedIndex;

        public Outcome Do(ICommand command)
        {
            _log.Add(new Entry(Last.Next, new Term(1), new LogTime(_now), EntryKind.Command, CommandCodec.Encode(command)));
            var outcome = Machine.Apply(_log[^1].Index, _log[^1].Stamp, command);
            Assert.IsNotType<Refused>(outcome.Reply);
            return outcome;
        }

        public void Declare(QueueOptions? options = null) => Do(new DeclareQueue(Orders, options ?? QueueOptions.Default));

        public void Send(params string[] bodies)
        {
            Do(new Enqueue(Orders, Alice, _sent + 1, true, Bodies(bodies)));
            _sent += bodies.Length;
        }

        public IReadOnlyList<Lease> Pull(ConsumerId consumer, int max = 1) =>
            Do(new Receive(Orders, consumer, max, TimeSpan.Zero, TimeSpan.Zero)).Effects.OfType<QueueEffect.Answer>().Single().Leases;

        public void Pass(double seconds)
        {
            _now += (long)Seconds(seconds).TotalMilliseconds;
            Do(Tick.Instance);
        }

        public ReadOnlyMemory<byte> Snapshot() => _store.Take(Machine);

        public IReply Ask(QueueName queue, long sequence) => new QueueMachine(Tiny).Explain(new ExplainMessage(queue, sequence), _log);

        public Explained Explain(QueueName queue, long sequence) => Assert.IsType<Explained>(Ask(queue, sequence));

        public Explained ExplainFrom(ReadOnlyMemory<byte> manifest, QueueName queue, long sequence)
        {
            var machine = _store.Restore(manifest, loadsSegments: false);
            var rest = _log.Where(entry => entry.Index > machine.AppliedIndex).ToList();
            return Assert.IsType<Explained>(machine.Explain(new ExplainMessage(queue, sequence), rest));
        }
    }
}
