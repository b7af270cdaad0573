using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using Xunit;
using static RaftQueue.Core.Tests.Queue.Given;

namespace RaftQueue.Core.Tests.Queue;

/// <summary>Fencing tokens of a queue's name: a store that keeps the largest must never refuse the present holder.</summary>
[Trait("Category", "Fault")]
public sealed class FencingTokenTests
{
    private readonly Bench _bench = new();

    [Fact]
    public void F13_Tokens_rise_across_the_deletion_and_a_new_declaration_of_a_queue()
    {
        var before = TokenOfOneMessage();
        _bench.Do<Deleted>(new DeleteQueue(Orders));
        Assert.True(TokenOfOneMessage() > before, "at the same log time");
        _bench.Do<Deleted>(new DeleteQueue(Orders));
        _bench.Machine = Bench.Copy(_bench.Machine);
        Assert.True(TokenOfOneMessage() > before + 1, "through a snapshot in which the queue is not");
    }

    [Fact]
    public void F13_A_dead_letter_queue_that_is_made_anew_goes_on_with_larger_tokens()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead });
        var before = TokenOfOneDeadLetter();
        _bench.Do<Deleted>(new DeleteQueue(Dead));
        Assert.True(TokenOfOneDeadLetter() > before);
    }

    [Fact]
    public void F13_A_message_that_was_redriven_is_leased_by_a_larger_token_of_its_queue()
    {
        _bench.Declare(new QueueOptions { DeadLetterQueue = Dead });
        _bench.Send("1");
        var first = Assert.Single(_bench.Pull(consumer: Bob));
        _bench.Settle(Bob, Reject(first, "not now"));
        Assert.Equal(1, _bench.Do<Redriven>(new Redrive(Dead, Guid.NewGuid(), null, 1)).Moved);
        Assert.True(Assert.Single(_bench.Pull()).Token > first.Token);
    }

    [Fact]
    public void F13_A_machine_that_was_restored_from_an_older_backup_gives_out_larger_tokens_than_the_one_that_was_lost()
    {
        _bench.Declare();
        _bench.Send("1", "2");
        var backup = Bench.Copy(_bench.Machine);
        _bench.Pass(1);
        var lost = _bench.Pull().Max(lease => lease.Token);

        _bench.Machine = backup;
        _bench.Pass(1);
        Assert.All(_bench.Pull(), lease => Assert.True(lease.Token > lost, $"{lease.Token} after {lost}"));
    }

    [Fact]
    public void F13_A_cluster_that_was_founded_anew_gives_out_larger_tokens_than_the_one_before()
    {
        var lost = TokenOfOneMessage();
        var anew = new QueueMachine(Tiny);
        var later = _bench.Now + Seconds(1);
        anew.Apply(new LogIndex(1), later, new DeclareQueue(Orders, QueueOptions.Default));
        anew.Apply(new LogIndex(2), later, new Enqueue(Orders, Alice, 1, true, Bodies("1")));
        var answer = anew.Apply(new LogIndex(3), later, new Receive(Orders, Bob, 1, TimeSpan.Zero, TimeSpan.Zero)).Effects[^1];
        Assert.True(Assert.Single(Assert.IsType<QueueEffect.Answer>(answer).Leases).Token > lost);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(253_402_300_799_999)] // the end of the year 9999
    public void F13_Tokens_rise_whatever_the_stamps_are(long stamp)
    {
        var tokens = new FencingTokens();
        var before = tokens.Next(1_000);
        foreach (var now in new[] { stamp, 0, stamp, 1_000 })
        {
            var next = tokens.Next(now);
            Assert.True(next > before, $"{next} after {before} at {now}");
            before = next;
        }
    }

    private long TokenOfOneMessage()
    {
        _bench.Declare();
        _bench.Do<Enqueued>(new Enqueue(Orders, ProducerId.New(), 1, true, Bodies("1")));
        return Assert.Single(_bench.Pull(1)).Token;
    }

    private long TokenOfOneDeadLetter()
    {
        _bench.Send("1");
        var consumer = ConsumerId.New();
        _bench.Settle(consumer, Reject(Assert.Single(_bench.Pull(1, consumer: consumer)), "no"));
        return Assert.Single(_bench.Pull(1, Dead)).Token;
    }
}
