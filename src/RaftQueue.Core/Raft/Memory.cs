using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Figure 2's persistent state: what a replica knows after a crash. It is the fold over the journal's events and nothing else, and the running rules move by
/// the same fold, so that recovery cannot differ from what was lived.
/// </summary>
public sealed record Memory
{
    /// <summary>What a replica remembers before its first event.</summary>
    public static readonly Memory Empty = new();

    private Memory()
    {
    }

    /// <summary>The latest term this replica has seen.</summary>
    public Term CurrentTerm { get; private init; } = Term.Zero;

    /// <summary>Who has its vote in <see cref="CurrentTerm"/>, or null.</summary>
    public NodeId? VotedFor { get; private init; }

    /// <summary>The log.</summary>
    public Log Log { get; private init; } = Log.Of(SnapshotMeta.Origin(Configuration.Empty));

    /// <summary>The memory after one more event.</summary>
    /// <exception cref="InvariantViolation">The event contradicts what is remembered: the journal is damaged, or a rule is wrong.</exception>
    public Memory Apply(IRaftEvent @event) => @event switch
    {
        Bootstrapped bootstrapped => Begin(bootstrapped),
        Voted voted => Vote(voted),
        EntriesAppended appended => this with { Log = Log.Append(appended.Entries) },
        LogTruncated truncated => this with { Log = Log.TruncateFrom(truncated.From) },
        LogCompacted compacted => this with { Log = Log.Compact(compacted.Meta, compacted.CompactThrough) },
        SnapshotInstalled installed => this with { Log = Log.Install(installed.Meta) },
        _ => throw new InvariantViolation($"The journal holds an event of the unknown kind {@event.GetType().Name}."),
    };

    /// <summary>What a checkpoint of the journal stood for.</summary>
    /// <exception cref="InvariantViolation">The checkpoint contradicts itself.</exception>
    public static Memory From(MemoryCheckpoint checkpoint) => new()
    {
        CurrentTerm = checkpoint.CurrentTerm,
        VotedFor = checkpoint.VotedFor,
        Log = Log.From(checkpoint),
    };

    /// <summary>All that is remembered, for the compacted start of a journal.</summary>
    public MemoryCheckpoint ToCheckpoint() => new(
        CurrentTerm, VotedFor, Log.Snapshot, Log.FirstIndex.Previous, Log.TermAt(Log.FirstIndex.Previous)!.Value, Log.Range(Log.FirstIndex, Log.LastIndex));

    private Memory Begin(Bootstrapped bootstrapped)
    {
        if (!Log.IsBlank)
            throw new InvariantViolation($"A group begins once, but this replica already has a log through {Log.LastIndex} and the members {Log.Configuration}.");
        return this with { Log = Log.Of(SnapshotMeta.Origin(bootstrapped.Configuration)) };
    }

    private Memory Vote(Voted voted)
    {
        if (voted.Term < CurrentTerm)
            throw new InvariantViolation($"The term never falls: it is {CurrentTerm}, and the event says {voted.Term}.");
        if (voted.Term == CurrentTerm && VotedFor is { } earlier && voted.VotedFor != earlier)
            throw new InvariantViolation($"One vote per term: in term {CurrentTerm} it went to {earlier}, and the event gives it to {voted.VotedFor?.Value ?? "nobody"}.");
        return this with { CurrentTerm = voted.Term, VotedFor = voted.VotedFor };
    }
}
