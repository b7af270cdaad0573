using System.Collections.Immutable;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>What a leader knows beside its log (Figure 2, "Volatile state on leaders", and what reads, transfers and membership changes add).</summary>
public sealed record Leadership
{
    internal Leadership(LogIndex noOp, ImmutableArray<Progress> peers)
    {
        NoOp = noOp;
        Peers = peers;
    }

    /// <summary>The first entry of this leader's term.</summary>
    public LogIndex NoOp { get; internal init; }

    /// <summary>Whether the no-op is committed: only then is all known that earlier leaders committed (§8).</summary>
    public bool IsEstablished { get; internal init; }

    /// <summary>The other members, in the order of the configuration, then those that are leaving.</summary>
    public ImmutableArray<Progress> Peers { get; internal init; }

    /// <summary>Whether this server itself votes by the configuration in use; a leader may be leading its own removal.</summary>
    public bool IsVoter { get; internal init; }

    /// <summary>The leader's own match index: what of its log is on its disk, known by a write of this term.</summary>
    public LogIndex DurableIndex { get; internal init; } = LogIndex.Zero;

    /// <summary>The latest round of heartbeats.</summary>
    public long Round { get; internal init; }

    /// <summary>The weight of the entries that are not committed yet, in bytes.</summary>
    public long UncommittedBytes { get; internal init; }

    /// <summary>The reads whose round is under way; null when there are none.</summary>
    public ReadRound? Reads { get; internal init; }

    /// <summary>The reads that wait for the next round, or for the no-op.</summary>
    public ImmutableQueue<long> WaitingReads { get; internal init; } = [];

    /// <summary>A transfer of leadership under way; null when there is none.</summary>
    public Handover? Handover { get; internal init; }

    /// <summary>A change of members that somebody waits for; null when there is none.</summary>
    public PendingChange? Change { get; internal init; }

    /// <summary>The view of one member, or null.</summary>
    public Progress? Find(NodeId node)
    {
        foreach (var peer in Peers)
        {
            if (peer.Node == node)
                return peer;
        }

        return null;
    }
}

/// <summary>Reads that one round of heartbeats confirms together (§8).</summary>
/// <param name="Round">A majority must answer this round or a later one.</param>
/// <param name="Index">What was committed when the round began.</param>
/// <param name="ReadIds">The reads.</param>
public sealed record ReadRound(long Round, LogIndex Index, ImmutableQueue<long> ReadIds);

/// <summary>Leadership on its way to another voter (dissertation, §3.10).</summary>
/// <param name="RequestId">Who asked.</param>
/// <param name="Target">The next leader.</param>
/// <param name="Deadline">When the leader gives it up and goes on itself, by its monotonic clock.</param>
/// <param name="IsTold">Whether the target had everything and was told to campaign.</param>
public sealed record Handover(long RequestId, NodeId Target, TimeSpan Deadline, bool IsTold);

/// <summary>A configuration entry that somebody waits for.</summary>
/// <param name="RequestId">Who asked.</param>
/// <param name="Index">The entry.</param>
public sealed record PendingChange(long RequestId, LogIndex Index);
