using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Node.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>Group commit: what waits for the write in flight goes into the next one together, up to a bound.</summary>
public sealed class PendingCommandsTests
{
    private readonly PendingCommands _pending = new(maxBytes: 100, maxBatchBytes: 40);

    [Fact]
    public void What_waits_goes_together_in_the_order_of_its_arrival()
    {
        Assert.False(_pending.AreDue);
        Assert.All([10, 20, 5], bytes => Assert.True(_pending.TryAdd(Command(bytes))));
        Assert.True(_pending.AreDue);
        Assert.Equal([10, 20, 5], Sizes(_pending.TakeBatch()));
        Assert.False(_pending.AreDue);
    }

    [Fact]
    public void A_batch_ends_before_the_command_that_would_make_it_too_large()
    {
        Assert.All([30, 10, 1], bytes => Assert.True(_pending.TryAdd(Command(bytes))));
        Assert.Equal([30, 10], Sizes(_pending.TakeBatch()));
        Assert.Equal([1], Sizes(_pending.TakeBatch()));
    }

    [Fact]
    public void A_command_larger_than_a_batch_goes_by_itself()
    {
        Assert.All([60, 1], bytes => Assert.True(_pending.TryAdd(Command(bytes))));
        Assert.Equal([60], Sizes(_pending.TakeBatch()));
        Assert.Equal([1], Sizes(_pending.TakeBatch()));
    }

    [Fact]
    public void Beyond_the_bound_nothing_is_added_until_there_is_room()
    {
        Assert.All([60, 40], bytes => Assert.True(_pending.TryAdd(Command(bytes))));
        Assert.False(_pending.TryAdd(Command(1)));
        _pending.TakeBatch();
        Assert.True(_pending.TryAdd(Command(60)));
        Assert.False(_pending.TryAdd(Command(1)));
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F15_Small_commands_are_bounded_in_number_while_they_wait_and_when_they_go_together()
    {
        var pending = new PendingCommands(maxBytes: 1_000_000, maxBatchBytes: 1_000_000, maxCount: 1_500);
        Assert.All(Enumerable.Range(0, 1_500), _ => Assert.True(pending.TryAdd(Command(1))));
        Assert.False(pending.TryAdd(Command(1)));
        Assert.Equal(1_024, pending.TakeBatch().Length);
        Assert.Equal(476, pending.TakeBatch().Length);
        Assert.False(pending.AreDue);
    }

    [Fact]
    public void All_can_be_taken_at_once_and_leaves_room()
    {
        Assert.All([60, 40], bytes => Assert.True(_pending.TryAdd(Command(bytes))));
        Assert.Equal([60, 40], Sizes(_pending.TakeAll()));
        Assert.False(_pending.AreDue);
        Assert.True(_pending.TryAdd(Command(100)));
    }

    [Fact]
    public void A_settlement_is_due_where_nothing_else_is_expected()
    {
        Assert.True(_pending.TryAdd(Settlement(10)));
        Assert.True(_pending.AreDue);
        _pending.TakeBatch();
        Assert.True(_pending.TryAdd(Settlement(10)));
        Assert.True(_pending.AreDue);
    }

    [Fact]
    public void After_a_command_of_another_kind_a_settlement_waits_for_the_next_and_goes_along_in_its_place()
    {
        Assert.True(_pending.TryAdd(Command(1)));
        _pending.TakeBatch();
        Assert.True(_pending.TryAdd(Settlement(10)));
        Assert.False(_pending.AreDue);
        Assert.True(_pending.TryAdd(Command(20)));
        Assert.True(_pending.AreDue);
        Assert.Equal([10, 20], Sizes(_pending.TakeBatch()));
        Assert.False(_pending.AreDue);
    }

    [Fact]
    public void A_settlement_waits_for_a_moment_only()
    {
        Assert.True(_pending.TryAdd(Command(1)));
        _pending.TakeBatch();
        Assert.True(_pending.TryAdd(Settlement(10)));
        _pending.ExpectNoCompany();
        Assert.True(_pending.AreDue);
    }

    [Fact]
    public void What_is_left_of_a_batch_is_due_when_it_is_no_settlement()
    {
        Assert.All([Command(30), Settlement(10), Command(5)], command => Assert.True(_pending.TryAdd(command)));
        Assert.Equal([30, 10], Sizes(_pending.TakeBatch()));
        Assert.True(_pending.AreDue);
    }

    [Fact]
    public void Nothing_is_due_once_all_is_taken()
    {
        Assert.True(_pending.TryAdd(Command(1)));
        _pending.TakeAll();
        Assert.True(_pending.TryAdd(Settlement(10)));
        Assert.Equal([10], Sizes(_pending.TakeBatch()));
        Assert.False(_pending.AreDue);
    }

    private static ProposeCommand Command(int bytes) => new(new Origin(ActorRefs.Nobody, 1), new byte[bytes], Tick.Instance);

    private static ProposeCommand Settlement(int bytes) => Command(bytes) with { Command = new Settle(new QueueName("q"), ConsumerId.New(), 0, []) };

    private static IEnumerable<int> Sizes(IEnumerable<ProposeCommand> commands) => commands.Select(command => command.Payload.Length);
}
