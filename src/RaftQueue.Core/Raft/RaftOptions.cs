using System.Collections.Immutable;
using RaftQueue.Contracts;

namespace RaftQueue.Core.Raft;

/// <summary>The numbers that the rules go by. The shell draws the randomized election timeouts; the rules only know their minimum.</summary>
public sealed record RaftOptions
{
    /// <summary>
    /// The shortest election timeout. A follower that heard its leader within this time stays loyal to it (dissertation, §4.2.3), and a leader that did not
    /// hear a majority within it steps down (§6.2).
    /// </summary>
    public TimeSpan MinElectionTimeout { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>The most entries in one append.</summary>
    public int MaxEntriesPerAppend { get; init; } = 1_024;

    /// <summary>About the most bytes in one append; an entry that is larger by itself goes alone.</summary>
    public int MaxBytesPerAppend { get; init; } = 64 * 1024;

    /// <summary>The most appends that are on their way to one follower unanswered.</summary>
    public int MaxAppendsInFlight { get; init; } = 16;

    /// <summary>The most bytes that a leader has in its log uncommitted; beyond it proposals are refused as busy.</summary>
    public long MaxUncommittedBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>How long a transfer of leadership may take before the leader goes on itself.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How far, in entries, a learner may lie behind the leader's last entry to be made a voter.</summary>
    public long PromotionLag { get; init; } = 1_000;

    /// <summary>
    /// How much faster or slower than the leader's monotonic clock log time may run while it approaches the wall clock (<see
    /// cref="LogClock"/>).
    /// </summary>
    public double MaxClockSlew { get; init; } = 0.01;

    /// <summary>
    /// The largest step of log time to the wall clock when a leader has heard no other since it started (<see cref="LogClock"/>).
    /// </summary>
    public TimeSpan MaxClockStep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// The members of a group that is to be founded, the same on all of them; none for a server that waits to be added to one. Without meaning once the group is known.
    /// </summary>
    public ImmutableArray<NodeId> FirstMembers { get; init; } = [];

    /// <summary>The newest machine version that this server can apply.</summary>
    public int MachineVersion { get; init; } = 1;
}
