using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>A redrive moves what it can, in order, and says what it cannot move and why.</summary>
[Trait("Category", "Fault")]
public sealed class RedriveTests
{
    private static readonly QueueName Bills = new("bills");
    private readonly Bench _bench = new();

    [Fact]
    public void F11_What_has_somewhere_to_go_is_moved_though_one_source_is_gone_and_one_message_was_sent_by_hand()
    {
        DeadLetters("1", "2", "3");
        _bench.Send(Bodies("by hand"), queue: Dead);
        DeadLetters("4");
        _bench.Do<Deleted>(new DeleteQueue(Bills));

        var redriven = Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100));

        Assert.Equal(4, redriven.Moved);
        Assert.Equal(["orders 1", "orders 2", "orders 3", "orders 4"], _bench.PeekTexts(Orders));
        Assert.Equal(
            [new RedriveSkipped(RedriveObstacle.SourceGone, Bills, 4, 2), new RedriveSkipped(RedriveObstacle.NoSource, null, 1, 7)],
            redriven.Skipped.ToArray());
        Assert.Equal(["bills 1", "bills 2", "bills 3", "by hand", "bills 4"], _bench.PeekTexts(Dead));
    }

    [Fact]
    public void F11_The_messages_of_one_source_are_chosen()
    {
        DeadLetters("1", "2");
        var redriven = Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100) { Source = Bills });
        Assert.Equal((2, 0), (redriven.Moved, redriven.Skipped.Length));
        Assert.Equal(["bills 1", "bills 2"], _bench.PeekTexts(Bills));
        Assert.Equal(["orders 1", "orders 2"], _bench.PeekTexts(Dead));
    }

    [Fact]
    public void F11_The_messages_of_a_range_of_sequences_are_chosen_and_one_by_itself()
    {
        DeadLetters("1", "2", "3");
        Assert.Equal(1, Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100) { FromSequence = 3, ThroughSequence = 3 }).Moved);
        Assert.Equal(["orders 2"], _bench.PeekTexts(Orders));
        Assert.Equal(2, Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100) { FromSequence = 4, ThroughSequence = 5 }).Moved);
        Assert.Equal(["orders 1", "bills 1", "bills 3"], _bench.PeekTexts(Dead));
    }

    [Fact]
    public void F11_A_full_queue_keeps_the_order_of_its_messages_and_holds_up_no_other_queue()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead, MaxBytes = 40 });
        DeadLetters("a message that is long", "2");
        _bench.Send("there is little room");
        var redriven = Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100));
        Assert.Equal([new RedriveSkipped(RedriveObstacle.QueueFull, Orders, 2, 1)], redriven.Skipped.ToArray());
        Assert.Equal(["bills a message that is long", "bills 2"], _bench.PeekTexts(Bills));
        Assert.Equal(["orders a message that is long", "orders 2"], _bench.PeekTexts(Dead)); // the short one would have found room
    }

    [Fact]
    public void F11_What_is_held_or_not_due_is_counted()
    {
        DeadLetters("1", "2");
        _bench.Pull(1, Dead);
        _bench.Send(Block(new Text("later", Delay: Seconds(5))), queue: Dead);
        var redriven = Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100));
        Assert.Equal(
            [new RedriveSkipped(RedriveObstacle.Held, null, 1, 1), new RedriveSkipped(RedriveObstacle.NotDue, null, 1, 5)],
            redriven.Skipped.ToArray());
        Assert.Equal(3, redriven.Moved);
    }

    [Fact]
    public void F11_A_repeated_redrive_is_answered_with_the_same_reasons_also_after_a_restore()
    {
        DeadLetters("1");
        _bench.Do<Deleted>(new DeleteQueue(Bills));
        var command = new Redrive(Dead, Guid.NewGuid(), null, 1);
        var first = _bench.Do<Redriven>(command);
        _bench.Machine = Bench.Copy(_bench.Machine);
        _bench.Declare(queue: Bills);
        var again = _bench.Do<Redriven>(command);
        Assert.Equal((first.Moved, first.NextSequence), (again.Moved, again.NextSequence));
        Assert.Equal(first.Skipped.ToArray(), again.Skipped.ToArray());
        Assert.Equal(["bills 1"], _bench.PeekTexts(Dead));
    }

    [Fact]
    public void F11_One_redrive_looks_at_so_many_messages_and_says_where_the_next_goes_on()
    {
        var bench = new Bench(new QueueMachine());
        bench.Declare(queue: Dead);
        for (var sent = 0; sent <= Bounds.MaxRedriveScan; sent += 1_000)
            bench.Send(Bodies(Enumerable.Repeat("by hand", 1_000)), queue: Dead);
        var redriven = bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 10));
        Assert.Equal(new RedriveSkipped(RedriveObstacle.NoSource, null, Bounds.MaxRedriveScan, 1), Assert.Single(redriven.Skipped));
        Assert.Equal(Bounds.MaxRedriveScan + 1, redriven.NextSequence);
        Assert.Equal(0, bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 10) { FromSequence = redriven.NextSequence }).NextSequence);
    }

    [Fact]
    public void F11_However_many_sources_are_gone_the_reasons_are_bounded()
    {
        for (var i = 0; i < 2 * Bounds.MaxRedriveObstacles; i++)
        {
            DeadLetter(new QueueName($"source-{i}"), "x");
            _bench.Do<Deleted>(new DeleteQueue(new QueueName($"source-{i}")));
        }

        var skipped = Redrive(new Redrive(Dead, Guid.NewGuid(), null, 100)).Skipped;
        Assert.Equal(Bounds.MaxRedriveObstacles, skipped.Length);
        Assert.Equal(new RedriveSkipped(RedriveObstacle.Other, null, Bounds.MaxRedriveObstacles + 1, Bounds.MaxRedriveObstacles), skipped[^1]);
    }

    private Redriven Redrive(Redrive command) => _bench.Do<Redriven>(command);

    private void DeadLetters(params string[] texts)
    {
        foreach (var text in texts)
        {
            DeadLetter(Orders, $"orders {text}");
            DeadLetter(Bills, $"bills {text}");
        }
    }

    private void DeadLetter(QueueName queue, string text)
    {
        if (_bench.Machine.Query(new GetQueueStats(queue)) is Refused)
            _bench.Declare(new QueueOptions { DeadLetterQueue = Dead }, queue);
        _bench.Send(Bodies(text), queue: queue);
        var lease = Assert.Single(_bench.Pull(1, queue, Bob));
        Assert.Empty(_bench.Do<Settled>(new Settle(queue, Bob, 0, [Reject(lease, "")])).Refused);
    }
}
