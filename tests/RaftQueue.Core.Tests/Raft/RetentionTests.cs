using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>What is kept where two of the bounds meet.</summary>
public sealed class RetentionTests
{
    private static readonly long One = Entry.Overhead;

    [Theory, Trait("Category", "Fault")]
    [InlineData(0, 5)] // nothing kept: the log begins where the snapshot ends
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    [InlineData(5, 0)] // exactly all: nothing is compacted
    [InlineData(6, 0)]
    public void F01_The_log_keeps_as_many_entries_as_fit(int fits, long through)
    {
        Assert.Equal(new LogIndex(through), Retention.CompactThrough(LogOf(5), new LogIndex(5), fits * One));
        Assert.Equal(new LogIndex(through), Retention.CompactThrough(LogOf(5), new LogIndex(5), (fits * One) + 1));
    }

    [Fact, Trait("Category", "Fault")]
    public void F01_A_log_that_was_compacted_is_not_compacted_to_an_earlier_place()
    {
        var log = LogOf(5);
        var compacted = log.Compact(log.MetaAt(new LogIndex(4)), new LogIndex(3));

        Assert.Equal(new LogIndex(3), Retention.CompactThrough(compacted, new LogIndex(5), long.MaxValue));
    }

    [Theory, Trait("Category", "Fault")]
    [InlineData(0, null)]
    [InlineData(1, 0L)]
    [InlineData(7, 6L)]
    public void F01_No_snapshot_is_obsolete_before_something_was_compacted(long logBase, long? through) =>
        Assert.Equal(through, Retention.ObsoleteSnapshotsThrough(new LogIndex(logBase))?.Value);

    [Theory, Trait("Category", "Fault")]
    [InlineData(0, 0, 1, 1, false)] // a snapshot of nothing new is none
    [InlineData(1, 10, 1, long.MaxValue, true)]
    [InlineData(1, 10, int.MaxValue, 10, true)]
    [InlineData(1, 9, 2, 10, false)]
    public void F01_A_snapshot_is_due_at_its_first_bound(long entries, long bytes, long maxEntries, long maxBytes, bool isDue) =>
        Assert.Equal(isDue, Retention.IsSnapshotDue(entries, bytes, maxEntries, maxBytes));

    private static Log LogOf(int entries) => Log.Of(SnapshotMeta.Origin(Configuration.Empty)).Append(
        [.. Enumerable.Range(1, entries).Select(index => new Entry(new LogIndex(index), new Term(1), LogTime.Zero, EntryKind.NoOp, default))]);
}
