using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using RaftQueue.Core.Tests.Raft.Rig;
using Xunit;

namespace RaftQueue.Core.Tests.Raft;

/// <summary>The log and the memory it is part of: values that never change once they are handed out.</summary>
public sealed class LogTests
{
    private static readonly Configuration s_one = Configuration.OfVoters([new NodeId("a")]);
    private static readonly Configuration s_two = Configuration.OfVoters([new NodeId("a"), new NodeId("b")]);

    [Fact]
    public void Two_logs_that_grow_from_one_do_not_see_each_others_entries()
    {
        var log = Of(1, 1);

        var left = log.Append([Logs.Entry(3, 2), Logs.Entry(4, 2)]);
        var right = log.Append([Logs.Entry(3, 3)]);

        Assert.Equal([1, 1], Logs.Terms(log));
        Assert.Equal([1, 1, 2, 2], Logs.Terms(left));
        Assert.Equal([1, 1, 3], Logs.Terms(right));
        Assert.Equal([1, 1, 2, 5], Logs.Terms(left.TruncateFrom(Logs.At(4)).Append([Logs.Entry(4, 5)])));
        Assert.Equal([1, 1, 2, 2], Logs.Terms(left));
    }

    [Fact]
    public void Compaction_keeps_what_lies_after_it_and_knows_the_term_right_before()
    {
        var log = Of(1, 1, 2, 3).Compact(Meta(3, 2), Logs.At(2));

        Assert.Equal((Logs.At(3), Logs.At(4)), (log.FirstIndex, log.LastIndex));
        Assert.Equal(new Term(1), log.TermAt(Logs.At(2)));
        Assert.Null(log.TermAt(Logs.At(1)));
        Assert.Equal(Logs.At(3), log.Snapshot.LastIncludedIndex);
    }

    [Theory]
    [InlineData(2, new long[] { 2, 3 })] // it held the last included entry: what follows stays
    [InlineData(9, new long[0])] // it held another: all goes
    public void An_installed_snapshot_keeps_the_suffix_only_where_the_log_held_its_last_entry(long term, long[] left)
    {
        var installed = Of(1, 2, 2, 3).Install(Meta(2, term));

        Assert.Equal(left, Logs.Terms(installed));
        Assert.Equal(Logs.At(2 + left.Length), installed.LastIndex);
        Assert.Equal(new Term(term), installed.TermAt(Logs.At(2)));
    }

    [Fact]
    public void The_configuration_in_use_is_the_latest_in_the_log_and_truncation_undoes_it()
    {
        var log = Of(1, 1).Append([new Entry(Logs.At(3), new Term(2), LogTime.Zero, EntryKind.Configuration, ConfigurationCodec.Encode(s_two))]);

        Assert.Equal((s_two, Logs.At(3)), (log.Configuration, log.ConfigurationIndex));
        Assert.Equal(s_one, log.ConfigurationAt(Logs.At(2)));
        Assert.Equal(s_one, log.TruncateFrom(Logs.At(3)).Configuration);
        var compacted = log.Append([Logs.Entry(4, 2)]).Compact(log.MetaAt(Logs.At(3)), Logs.At(3));
        Assert.Equal(s_two, compacted.Snapshot.Configuration);
        Assert.Equal(s_two, compacted.Configuration);
    }

    [Fact]
    public void A_gap_a_falling_term_and_a_cut_into_the_snapshot_are_violations()
    {
        var log = Of(1, 2, 2).Compact(Meta(2, 2), Logs.At(2));

        Assert.Throws<InvariantViolation>(() => log.Append([Logs.Entry(5, 2)]));
        Assert.Throws<InvariantViolation>(() => log.Append([Logs.Entry(4, 1)]));
        Assert.Throws<InvariantViolation>(() => log.TruncateFrom(Logs.At(2)));
        Assert.Throws<InvariantViolation>(() => log.Compact(Meta(3, 1), Logs.At(3)));
        Assert.Throws<InvariantViolation>(() => log[Logs.At(2)]);
    }

    [Fact]
    public void Memory_refuses_a_second_vote_in_a_term_a_falling_term_and_a_second_beginning()
    {
        var memory = Memory.Empty.Apply(new Bootstrapped(s_two)).Apply(Logs.InTerm(3, "a"));

        Assert.Throws<InvariantViolation>(() => memory.Apply(Logs.InTerm(3, "b")));
        Assert.Throws<InvariantViolation>(() => memory.Apply(Logs.InTerm(3)));
        Assert.Throws<InvariantViolation>(() => memory.Apply(Logs.InTerm(2, "a")));
        Assert.Throws<InvariantViolation>(() => memory.Apply(new Bootstrapped(s_one)));
        Assert.Equal(new NodeId("b"), memory.Apply(Logs.InTerm(4, "b")).VotedFor);
    }

    [Fact]
    public void Recovery_is_the_fold_over_the_journal_and_gives_what_was_lived()
    {
        var cluster = Cluster.Led("a", "b", "c");
        cluster.Commit("a", "1", "2");
        cluster["b"].TakeSnapshot();
        cluster.Commit("a", "3");
        var lived = cluster["b"].Replica.Memory;

        var recovered = cluster["b"].Journal.Aggregate(Memory.Empty, (known, @event) => known.Apply(@event));

        Assert.Equal((lived.CurrentTerm, lived.VotedFor), (recovered.CurrentTerm, recovered.VotedFor));
        Assert.Equal(Logs.Terms(lived.Log), Logs.Terms(recovered.Log));
        Assert.Equal(lived.Log.Snapshot, recovered.Log.Snapshot);
    }

    [Fact]
    public void Replicas_that_begin_at_once_on_threads_of_their_own_share_no_room_for_entries()
    {
        var nothing = new EntryBuffer(); // as in Memory.Empty, of which there is one in a process

        var first = nothing.Append(0, [Logs.Entry(1, 1)]);

        Assert.NotSame(nothing, first);
        Assert.Same(first, first.Append(1, [Logs.Entry(2, 1)]));
    }

    private static Log Of(params long[] terms) => Log.Of(SnapshotMeta.Origin(s_one)).Append(Logs.Of(terms).Entries);

    private static SnapshotMeta Meta(long index, long term) => new(Logs.At(index), new Term(term), LogTime.Zero, s_one, MachineVersion: 1);
}
