using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;

namespace RaftQueue.Simulation.Mutations;

/// <summary>§5.3: an append is refused where the entry before it does not match.</summary>
public sealed class NoConsistencyCheck : Mutation
{
    public override string Rule => "the consistency check of AppendEntries (§5.3)";

    public override string Break => "a follower does not compare the term of the entry before";

    public override Step Step(Replica replica, Input input, TimeSpan now) => base.Step(
        replica,
        input is Input.Received { Envelope: { Message: AppendEntries append } envelope } && replica.Log.TermAt(append.PrevLogIndex) is { } held
            ? Forge.Received(envelope, append with { PrevLogTerm = held })
            : input,
        now);
}

/// <summary>Figure 2, AppendEntries 3: only a conflict truncates.</summary>
public sealed class EveryAppendTruncates : Mutation
{
    public override string Rule => "only a conflict truncates (Figure 2)";

    public override string Break => "a late append cuts off what came after it";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        if (input is not Input.Received { Envelope.Message: AppendEntries { Entries: [.., var last] } } || step.Next.Role != Role.Follower)
            return step;
        var log = step.Next.Log;
        return step.Remember.IsEmpty && log.TermAt(last.Index) == last.Term && last.Index < log.LastIndex && last.Index >= log.Snapshot.LastIncludedIndex
            ? Forge.Remembering(step, new LogTruncated(last.Index.Next))
            : step;
    }
}

/// <summary>Figure 3: a leader never overwrites or deletes entries in its log.</summary>
public sealed class LeaderTruncates : Mutation
{
    public override string Rule => "a leader only appends (§5.3)";

    public override string Break => "a leader that is refused gives up its last entry";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        var isRefused = input is Input.Received { Envelope.Message: AppendReply { IsAccepted: false } } && step.Next.Role == Role.Leader;
        return isRefused && step.Remember.IsEmpty && step.Next.Log.LastIndex > step.Next.CommitIndex
            ? Forge.Remembering(step, new LogTruncated(step.Next.Log.LastIndex))
            : step;
    }
}

/// <summary>§5.3: entries are applied in log order, each once.</summary>
public sealed class AppliedTwice : Mutation
{
    public override string Rule => "every entry is applied once (§5.3)";

    public override string Break => "the first entry of a longer batch is applied twice";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        return step.Apply.Length > 3 ? step with { Apply = step.Apply.Insert(0, step.Apply[0]) } : step;
    }
}

/// <inheritdoc cref="AppliedTwice"/>
public sealed class AppliedNever : Mutation
{
    public override string Rule => "no entry is left out (§5.3)";

    public override string Break => "the last entry of a longer batch is never applied";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        return step.Apply.Length > 3 ? step with { Apply = step.Apply.RemoveAt(step.Apply.Length - 1) } : step;
    }
}

/// <summary>P5: time comes from the stamp in the entry.</summary>
public sealed class OwnClock : Mutation
{
    public override string Rule => "time is the leader's stamp in the entry (P5)";

    public override string Break => "a follower applies entries by its own clock";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        return step.Next.Role != Role.Follower || step.Apply.IsEmpty
            ? step
            : step with { Apply = [.. step.Apply.Select(entry => entry with { Stamp = new LogTime(entry.Stamp.Milliseconds + 1) })] };
    }
}

/// <summary>§7: the machine continues from the snapshot that took the log's place.</summary>
public sealed class SnapshotWithoutState : Mutation
{
    public override string Rule => "the leader's snapshot replaces log and state together (§7)";

    public override string Break => "the log continues after the snapshot, the machine where it was";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = base.Step(replica, input, now);
        return step with { Effects = [.. step.Effects.Where(effect => effect is not Effect.RestoreMachine)] };
    }
}

/// <summary>P4: an incomplete snapshot never stands for the log.</summary>
public sealed class CompactedTooFar : Mutation
{
    public override string Rule => "the log is compacted behind a stored snapshot only (§7)";

    public override string Break => "the compaction names an entry after the snapshot that is on disk";

    public override Step Step(Replica replica, Input input, TimeSpan now)
    {
        var next = input is Input.SnapshotStored { Meta: var meta } ? meta.LastIncludedIndex.Next : LogIndex.Zero;
        return base.Step(
            replica, next != LogIndex.Zero && next <= replica.LastApplied ? new Input.SnapshotStored(replica.Log.MetaAt(next), next) : input, now);
    }
}

/// <summary>§7: while the whole log is kept, no snapshot is obsolete.</summary>
public sealed class NothingCompactedYet : Mutation
{
    public override string Rule => "no snapshot is obsolete while nothing was compacted (§7)";

    public override string Break => "a replica deletes the snapshots before index 0, of which there are none";

    public override LogIndex? ObsoleteSnapshotsThrough(LogIndex logBase) => new LogIndex(logBase.Value - 1);
}

/// <summary>§7: the snapshot that the log begins after stays.</summary>
public sealed class SnapshotGivenUpEarly : Mutation
{
    public override string Rule => "the snapshot that the log begins after is kept (§7)";

    public override string Break => "a replica also deletes the snapshot at the index that the log begins after";

    public override LogIndex? ObsoleteSnapshotsThrough(LogIndex logBase) => logBase;
}
