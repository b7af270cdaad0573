using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>
/// Dead letters carry where they were, and so come to rest also where the dead-letter queues of several groups form a cycle.
/// </summary>
[Trait("Category", "Fault")]
public sealed class DeadLetterCycleTests
{
    private static readonly QueueName A = new("a"), B = new("b"), C = new("c");
    private readonly TwoGroups _groups = new();

    private Bench Target => _groups.Target;

    [Fact]
    public void F21_A_consumer_is_told_where_a_dead_letter_came_from_and_why()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("bad");
        var enqueuedAt = _groups.Source.Now;
        _groups.Carry();
        var lease = Assert.Single(Target.Pull(1, Dead));
        Assert.Equal(new DeadLetter(1, Orders, 1, enqueuedAt, 1, DeadLetterCause.Rejected, "no such customer"), lease.DeadLetter);
    }

    [Fact]
    public void F21_A_message_that_is_no_dead_letter_and_a_redriven_one_say_nothing_of_the_kind()
    {
        _groups.DeclareSource();
        _groups.SendAndReject("bad");
        _groups.Carry();
        Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 1));
        _groups.CarryBack();
        _groups.Source.Send("new");
        Assert.Equal([null, null], _groups.Source.Pull(2).Select(lease => lease.DeadLetter));
    }

    [Fact]
    public void F21_A_dead_letter_that_would_go_back_to_a_queue_of_another_group_where_it_was_stays_and_a_reject_says_so()
    {
        DeclareCycle(new QueueOptions { DeliveryLimit = 1, TimeToLive = Seconds(10), Lease = Seconds(5) });
        _groups.SendAndReject("bad");
        _groups.Carry();

        var lease = Assert.Single(Target.Pull(1, Dead, Bob));
        var refused = Assert.Single(Target.Do<Settled>(new Settle(Dead, Bob, 0, [Reject(lease, "again")])).Refused).Refusal;
        Assert.Equal(RefusalCode.DeadLetterCycle, refused.Code);
        Assert.Contains($"{Orders} -> {Dead}", refused.Message, StringComparison.Ordinal);

        Target.Do<Settled>(new Settle(Dead, Bob, 0, [Release(lease)])); // the delivery limit is reached
        Target.Machine = Bench.Copy(Target.Machine);
        Target.Tick(1_000); // and the time to live is over
        Assert.Equal(["bad"], Target.PeekTexts(Dead));
        Assert.Empty(Target.Machine.Outboxes);
        Assert.Null(Target.Machine.NextDue);
        Assert.Equal(1, Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 1)).Moved);
    }

    [Fact]
    public void F21_After_a_redrive_a_message_may_go_the_way_of_dead_letters_once_more()
    {
        DeclareCycle(new QueueOptions());
        for (var i = 0; i < 3; i++)
        {
            if (i == 0)
                _groups.Source.Send("bad");
            _groups.Source.Settle(Bob, Reject(Assert.Single(_groups.Source.Pull(1, consumer: Bob)), ""));
            _groups.Carry();
            Assert.Equal(1, Target.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 1)).Moved);
            _groups.CarryBack();
        }

        Assert.Equal(["bad"], _groups.Source.PeekTexts());
    }

    [Fact]
    public void F21_A_message_that_is_sent_to_a_queue_of_the_cycle_goes_through_it_once()
    {
        DeclareCycle(new QueueOptions());
        Target.Send(Bodies("bad"), queue: Dead);
        Target.Do<Settled>(new Settle(Dead, Bob, 0, [Reject(Assert.Single(Target.Pull(1, Dead, Bob)), "")]));
        _groups.CarryBack();
        var lease = Assert.Single(_groups.Source.Pull(1, consumer: Bob));
        Assert.Equal(RefusalCode.DeadLetterCycle, Assert.Single(_groups.Source.Settle(Bob, Reject(lease, "")).Refused).Refusal.Code);
    }

    [Fact]
    public void F21_A_queue_that_drops_its_oldest_drops_also_what_has_come_to_rest()
    {
        DeclareCycle(new QueueOptions { MaxMessages = 1, Overflow = OverflowPolicy.DropOldest });
        _groups.SendAndReject("bad");
        _groups.Carry();
        Target.Send(Bodies("new"), queue: Dead);
        Assert.Equal(["new"], Target.PeekTexts(Dead));
        Assert.Empty(Target.Machine.Outboxes);
    }

    [Fact]
    public void F21_A_dead_letter_says_through_which_queues_it_came()
    {
        var bench = new Bench();
        bench.Declare(new QueueOptions { DeadLetterQueue = B }, A);
        bench.Declare(new QueueOptions { DeadLetterQueue = C }, B);
        bench.Send(Bodies("bad"), queue: A);
        RejectOne(bench, A);
        RejectOne(bench, B);
        bench.Machine = Bench.Copy(bench.Machine);

        var letter = Assert.Single(bench.Peek(C).DeadLetters);
        Assert.Equal((B, A), (letter.Source, Assert.Single(letter.Via)));
    }

    private static void RejectOne(Bench bench, QueueName queue) =>
        bench.Do<Settled>(new Settle(queue, Bob, 0, [Reject(Assert.Single(bench.Pull(1, queue, Bob)), "")]));

    // Two declarations at the same moment: neither group sees the other's.
    private void DeclareCycle(QueueOptions target)
    {
        _groups.DeclareSource();
        Target.Declare(target with { DeadLetterQueue = Orders }, Dead, deadLetterGroup: TwoGroups.First);
    }
}
