using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Dead letters and redriven messages between groups: at least once on the way, once in the queue.</summary>
public sealed class TransferTests
{
    private readonly TwoGroups _groups = new();

    private Bench Source => _groups.Source;

    private Bench Target => _groups.Target;

    [Fact]
    public void A_rejected_message_leaves_its_queue_at_once_and_arrives_in_the_other_group_with_its_past()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("bad");
        Assert.Equal(new QueueEffect.Carry(Dead), Source.Effects[^1]);
        Assert.Equal((0, 1, 1), (Source.Stats().Leased, Source.Stats().DeadLettered, Source.Stats().InTransit));

        _groups.Carry();

        Assert.Equal((0, 1), (Source.Stats().InTransit, Source.Stats().DeadLettered));
        Assert.Empty(Source.Machine.Outboxes);
        Assert.Equal(["bad"], Target.PeekTexts(Dead));
        var letter = Assert.Single(Target.Peek(Dead).DeadLetters);
        Assert.Equal((Orders, 1, 1, DeadLetterCause.Rejected, "no such customer"), (letter.Source, letter.SourceSequence, letter.DeliveryCount, letter.Cause, letter.Reason));
    }

    [Fact]
    public void What_is_sent_again_is_confirmed_again_and_stored_once_also_after_restores_on_both_sides()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("1", "2");
        var first = _groups.Pack();
        var arrived = Target.Do<Transferred>(first);
        Source.Machine = Bench.Copy(Source.Machine);
        Target.Machine = Bench.Copy(Target.Machine);
        Assert.Equal(arrived, Target.Do<Transferred>(_groups.Pack()));

        _groups.SendAndReject("3");
        _groups.Carry();
        Assert.Equal(arrived, Target.Do<Transferred>(first));
        Assert.Equal(["1", "2", "3"], Target.PeekTexts(Dead));
        Assert.Equal(3, Target.Stats(Dead).Enqueued);
    }

    [Fact]
    public void A_later_outbox_is_not_taken_for_the_one_before_it_though_its_messages_count_from_one_again()
    {
        _groups.DeclareSource();
        for (var i = 1; i <= 3; i++)
        {
            _groups.SendAndReject($"{i}"); // each has an outbox of its own, all within one millisecond of log time
            Assert.Equal(1, _groups.Pack().Origins[0].Sequence);
            _groups.Carry();
            Source.Machine = Bench.Copy(Source.Machine);
        }

        Assert.Equal(["1", "2", "3"], Target.PeekTexts(Dead));
    }

    [Fact]
    public void A_confirmation_removes_only_what_arrived_and_one_of_an_older_outbox_removes_nothing()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("1", "2");
        var outbox = _groups.Pack().Outbox;
        Assert.Equal(1, Source.Do<TransferConfirmed>(new ConfirmTransfer(Dead, outbox, 1)).Messages);
        Assert.Equal(new QueueEffect.Carry(Dead), Source.Effects[^1]);
        Assert.Equal(2, Assert.Single(_groups.Pack().Origins).Sequence);
        Assert.Equal(0, Source.Do<TransferConfirmed>(new ConfirmTransfer(Dead, outbox - 1, 2)).Messages);
        Assert.Equal(1, Source.Stats().InTransit);
    }

    [Fact]
    public void The_outbox_outlives_its_queue_and_is_part_of_digest_and_snapshot()
    {
        _groups.DeclareSource();
        _groups.SendAndReject([.. Enumerable.Range(1, 20).Select(i => $"{i}")]);
        Source.Do<Deleted>(new DeleteQueue(Orders));
        var copy = Bench.Copy(Source.Machine);
        Assert.Equal(Source.Machine.Digest(), copy.Digest());
        Assert.Equal([Dead], copy.Outboxes);

        Source.Machine = copy;
        _groups.Carry();
        Assert.Equal(20, Target.Stats(Dead).Ready);
        Assert.Empty(Source.Machine.Outboxes);
        Assert.InRange(Source.Machine.Segments.Count(), 0, 1); // of the bodies only the open segment is left
    }

    [Fact]
    public void A_later_snapshot_writes_only_the_pages_of_an_outbox_that_have_changed()
    {
        _groups.DeclareSource();
        _groups.SendAndReject([.. Enumerable.Range(1, 4 * Tiny.PageMessages).Select(i => $"{i}")]);
        Assert.Equal(4, Source.Machine.Capture().NewPieces.Count(piece => piece.Name.StartsWith("outbox-", StringComparison.Ordinal)));
        Source.Do<TransferConfirmed>(new ConfirmTransfer(Dead, _groups.Pack().Outbox, 1));
        Assert.Single(Source.Machine.Capture().NewPieces, piece => piece.Name.StartsWith("outbox-", StringComparison.Ordinal));
    }

    [Fact]
    public void A_dead_letter_queue_that_does_not_exist_is_made_and_a_full_one_takes_dead_letters_all_the_same()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("1");
        _groups.Carry();
        Target.Do<Deleted>(new DeleteQueue(Dead));
        Target.Declare(new QueueOptions { MaxMessages = 1 }, Dead);
        _groups.SendAndReject("2", "3");
        _groups.Carry();
        Assert.Equal(["2", "3"], Target.PeekTexts(Dead));
    }

    [Fact]
    public void A_redrive_goes_back_to_the_group_that_the_message_came_from_once_however_often_it_is_repeated()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("1", "2");
        _groups.Carry();
        Target.Machine = Bench.Copy(Target.Machine);
        var redrive = new Redrive(Dead, Guid.NewGuid(), null, 10);
        Assert.Equal(2, Target.Do<Redriven>(redrive).Moved);
        Assert.Equal(2, Target.Do<Redriven>(redrive).Moved);
        Assert.Equal((0, 2), (Target.Stats(Dead).Ready, Target.Stats(Dead).InTransit));

        _groups.CarryBack();

        Assert.Equal(0, Target.Stats(Dead).InTransit);
        Assert.Equal(["1", "2"], Source.PeekTexts());
        Assert.Empty(Source.Peek().DeadLetters);
        Assert.Equal([1, 1], Source.Pull().Select(lease => lease.DeliveryCount));
    }

    [Fact]
    public void Redriven_messages_wait_on_their_way_for_their_queue_and_for_room_in_it()
    {
        _groups.DeclareSource(new QueueOptions { MaxMessages = 1 });
        _groups.SendAndReject("1");
        _groups.SendAndReject("2");
        _groups.Carry();
        Source.Do<Deleted>(new DeleteQueue(Orders));
        Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 10));
        Source.Refuses(_groups.PackBack(), RefusalCode.UnknownQueue);
        Assert.Equal(2, Target.Stats(Dead).InTransit);

        Source.Declare(new QueueOptions { MaxMessages = 1 });
        _groups.CarryBack();
        Assert.Equal(["1"], Source.PeekTexts());
        Source.Refuses(_groups.PackBack(), RefusalCode.QueueFull);
        Source.Do<Purged>(new PurgeQueue(Orders));
        _groups.CarryBack();
        Assert.Equal(["2"], Source.PeekTexts());
    }

    [Fact]
    public void A_redrive_to_a_named_queue_of_another_group_takes_what_was_no_dead_letter_too()
    {
        Target.Declare(queue: Dead);
        Target.Send(Bodies("plain"), queue: Dead);
        Source.Declare();
        Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), Orders, 10) { TargetGroup = TwoGroups.First });
        _groups.CarryBack();
        Assert.Equal(["plain"], Source.PeekTexts());
    }

    [Fact]
    public void Message_groups_live_on_in_the_other_group()
    {
        _groups.DeclareSource();
        Source.Send(Block(new Text("1", "g"), new Text("2", "g")));
        for (var i = 0; i < 2; i++)
            Source.Settle(Bob, Reject(Source.Pull(1, consumer: Bob)[0], ""));
        _groups.Carry();
        Assert.Equal(["1"], Target.Texts(Target.Pull(10, Dead)));
    }

    [Fact]
    public void What_cannot_be_packed_because_a_body_is_not_in_memory_is_packed_as_far_as_it_goes()
    {
        _groups.DeclareSource();
        _groups.SendAndReject([.. Enumerable.Range(1, 40).Select(i => $"{i}")]);
        var store = new SnapshotStore();
        Source.Machine = store.Restore(store.Take(Source.Machine), loadsSegments: false);
        Assert.Null(Source.Machine.Pack(Dead, TwoGroups.First, TwoGroups.MaxBytes));
        foreach (var number in Source.Machine.SegmentsNeededByOutbox(Dead, TwoGroups.MaxBytes))
        {
            var segment = Source.Machine.Segments.Single(segment => segment.Number == number);
            Assert.True(Source.Machine.Load(number, store.Pieces[segment.PieceName]));
        }

        Assert.Equal(40, _groups.Pack().Origins.Length);
    }

    [Fact]
    public void While_too_many_are_on_their_way_nothing_leaves_and_nothing_is_lost()
    {
        var groups = new TwoGroups { Source = new Bench(new QueueMachine()) };
        var source = groups.Source;
        groups.DeclareSource(new QueueOptions { DeliveryLimit = 1, TimeToLive = Seconds(100), Lease = Seconds(10), MaxMessages = 200_000, Overflow = OverflowPolicy.DropOldest });
        FillOutbox(source);
        source.Send("kept");
        var lease = source.Pull(1, consumer: Bob)[0];

        var refused = Assert.Single(source.Settle(Bob, Reject(lease, "")).Refused);
        Assert.Equal(RefusalCode.Busy, refused.Refusal.Code);
        Assert.Contains($"{Bounds.MaxMessagesInTransit}", refused.Refusal.Message, StringComparison.Ordinal);
        source.Settle(Bob, Release(lease)); // the delivery limit is reached
        Assert.Equal(["kept"], source.PeekTexts());
        source.Tick(200); // its time to live is over
        Assert.Equal(["kept"], source.PeekTexts());
        Assert.Equal(source.Now + Seconds(1), source.Machine.NextDue); // it is looked at again, but not at once and for ever

        groups.Carry();
        source.Tick(1);
        Assert.Empty(source.PeekTexts());
    }

    [Fact]
    public void While_too_many_are_on_their_way_a_queue_that_drops_the_oldest_refuses_the_new()
    {
        var source = new Bench(new QueueMachine());
        new TwoGroups { Source = source }.DeclareSource(new QueueOptions { MaxMessages = 1_024, Overflow = OverflowPolicy.DropOldest });
        FillOutbox(source);
        for (var i = 0; i < 1_024; i++)
            source.Send("x");
        Assert.Equal((0, RefusalCode.QueueFull), source.Send("y") is Enqueued answer ? (answer.Count, answer.Refusal!.Code) : default);
    }

    [Fact]
    public void A_transfer_without_as_many_origins_as_messages_is_refused()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("1");
        var transfer = _groups.Pack();
        Target.Refuses(transfer with { Origins = [] }, RefusalCode.OutOfBounds);
        Target.Refuses(transfer with { Messages = new MessageBlock(transfer.Messages.Bytes[1..], 1) }, RefusalCode.Malformed);
    }

    private static void FillOutbox(Bench source)
    {
        var bodies = Bodies(Enumerable.Repeat("x", Bounds.MaxMessagesPerCommand));
        while (source.Stats().InTransit < Bounds.MaxMessagesInTransit)
        {
            source.Send(bodies);
            foreach (var chunk in source.Pull(Bounds.MaxReceive, consumer: Bob).Chunk(Bounds.MaxMessagesPerCommand))
                source.Settle(Bob, [.. chunk.Select(lease => Reject(lease, ""))]);
        }

        // What did not leave any more is done with.
        source.Settle(Bob, [.. source.Machine.HeldBy(Orders, Bob).Select(Ack)]);
        Assert.Equal(Bounds.MaxMessagesInTransit, source.Stats().InTransit);
    }
}
