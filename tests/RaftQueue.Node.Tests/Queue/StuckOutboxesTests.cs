using RaftQueue.Contracts;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>Which outboxes are stuck.</summary>
[Trait("Category", "Fault")]
public sealed class StuckOutboxesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly StuckOutboxes _outboxes = new();

    [Fact]
    public void F21_An_outbox_that_moves_is_not_stuck_however_long_messages_wait_in_it()
    {
        for (var second = 0; second < 60; second += 5)
            Observe(second, Waiting("dead", first: 1 + second));
        Assert.Empty(Problems(60));
        Assert.Single(Problems(70));
    }

    [Fact]
    public void F21_A_later_outbox_for_the_same_queue_begins_anew()
    {
        Observe(0, Waiting("dead", first: 1));
        Observe(9, Waiting("dead", first: 1, number: 2));
        Assert.Empty(Problems(15));
    }

    [Fact]
    public void F21_The_first_few_are_named_and_the_others_counted()
    {
        Observe(0, [.. Enumerable.Range(1, 5).Select(i => Waiting($"dead-{i}", first: 1))]);
        _outboxes.Note(new QueueName("dead-2"), "There is no queue 'dead-2'.");
        var problems = Problems(11).ToList();
        Assert.Equal(4, problems.Count);
        Assert.EndsWith("There is no queue 'dead-2'.", problems[1], StringComparison.Ordinal);
        Assert.Equal("Messages for 2 more queues of other groups wait as well.", problems[3]);
        Observe(12);
        Assert.Empty(Problems(30));
    }

    private static OutboxStatus Waiting(string queue, long first, long number = 1) => new(new QueueName(queue), new GroupId(1), 7, number, first);

    private void Observe(int second, params OutboxStatus[] outboxes) => _outboxes.Observe(outboxes, TimeSpan.FromSeconds(second));

    private IEnumerable<string> Problems(int second) => _outboxes.Problems(TimeSpan.FromSeconds(second), Limit);
}
