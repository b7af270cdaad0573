using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The members of a test's group, and the numbers it runs by.</summary>
internal static class Members
{
    public static readonly GroupId Group = new(0);

    public static NodeId Node(int number) => new($"n{number}");

    public static Incarnation Life(NodeId node) => new(new Guid(int.Parse(node.Value[1..]), 0, 0, new byte[8]));

    public static ReplicaIdentity Identity(int number) => new(Group, Node(number), Life(Node(number)));

    public static Configuration Voters(int count) => Configuration.OfVoters(Enumerable.Range(1, count).Select(Node));

    /// <summary>What a fresh member of a group of so many remembers.</summary>
    public static Memory Fresh(int count) => Memory.Empty.Apply(new Bootstrapped(Voters(count)));

    public static Entry Command(long index, long term, params byte[] payload) =>
        new(new LogIndex(index), new Term(term), new LogTime(index), EntryKind.Command, payload);

    public static Memory WithLog(this Memory memory, long term, params Entry[] entries)
    {
        var voted = memory.Apply(new Voted(new Term(term), null));
        return entries.Length == 0 ? voted : voted.Apply(new EntriesAppended([.. entries]));
    }

    public static RaftSettings Settings { get; } = new(
        MinElectionTimeout: TimeSpan.FromMilliseconds(600),
        MaxElectionTimeout: TimeSpan.FromMilliseconds(1200),
        LostLeaderTimeout: TimeSpan.FromMilliseconds(150),
        HeartbeatInterval: TimeSpan.FromMilliseconds(100),
        MaxBatchBytes: 64,
        MaxPendingBytes: 256,
        KeptLogBytes: 0,
        CheckpointBytes: 0,
        StalledAfter: TimeSpan.FromSeconds(10),
        MaxClockOffset: TimeSpan.FromSeconds(30),
        new RaftOptions
        {
            MinElectionTimeout = TimeSpan.FromMilliseconds(600),
            MaxEntriesPerAppend = 8,
            MaxAppendsInFlight = 4,
            MaxUncommittedBytes = 4096,
            TransferTimeout = TimeSpan.FromSeconds(1),
            PromotionLag = 10,
        });

    /// <summary>An append as the leader of a term sends it.</summary>
    public static AppendEntries Append(long term, long previous = 0, long previousTerm = 0, long commit = 0, long round = 1, params Entry[] entries) => new(
        Group, new Term(term), new LogIndex(previous), new Term(previousTerm), ImmutableArray.Create(entries), new LogIndex(commit), round);

    /// <summary>A follower's acknowledgement.</summary>
    public static AppendReply Accepted(long term, long match, long round) =>
        new(Group, new Term(term), IsAccepted: true, new LogIndex(match), Term.Zero, LogIndex.Zero, round, MachineVersion: 1);

    public static VoteReply Granted(long term, bool isPreVote) => new(Group, new Term(term), IsGranted: true, isPreVote);
}
