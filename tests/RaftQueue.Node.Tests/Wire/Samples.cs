using System.Buffers;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>At least one of everything that becomes bytes, no field left at its default: the table that the wire tests walk.</summary>
public static class Samples
{
    private static readonly GroupId Group = new(3);
    private static readonly Term Term = new(8);
    private static readonly NodeId Node1 = new("node-1"), Node2 = new("node-2"), Node3 = new("node.3_c");
    private static readonly QueueName Orders = new("orders.eu-1"), DeadLetters = new("orders_dead");
    private static readonly ConsumerId Consumer = new(Sample.Id(5));
    private static readonly Refused Stale = new(RefusalCode.StaleLease, "lease 9 has ended; the message is held under lease 12");

    private static readonly Configuration Members = new(
    [
        new Member(Node1, new Incarnation(Sample.Id(1)), MemberKind.Voter),
        new Member(Node2, Incarnation.Unknown, MemberKind.Voter),
        new Member(Node3, new Incarnation(Sample.Id(3)), MemberKind.Learner),
    ]);

    private static readonly SnapshotMeta Meta = new(new LogIndex(1_000_000), new Term(7), new LogTime(1_790_000_000_000), Members, 2);

    private static readonly QueueOptions Options = new()
    {
        MaxMessages = 1_000_000,
        MaxBytes = 5_000_000_000,
        Overflow = OverflowPolicy.DropOldest,
        DeliveryLimit = 5,
        DeadLetterQueue = DeadLetters,
        TimeToLive = TimeSpan.FromDays(7),
        Delay = TimeSpan.FromSeconds(2),
        Lease = TimeSpan.FromSeconds(30),
        SingleActiveConsumer = true,
    };

    private static readonly DeadLetter Letter =
        new(17, Orders, 4, new LogTime(1_790_000_000_003), 3, DeadLetterCause.Rejected, "no such customer") { Via = [new("first"), new("second")] };

    private static readonly QueueStats Stats = new(Orders, Options, 1, 2, 3, 4_000_000_000, 5, 6, 7, 8, 9, 10, 11);

    /// <summary>The table.</summary>
    public static IReadOnlyList<Sample> All { get; } = [.. Peer(), .. Client(), .. Replies(), .. Commands(), .. Questions(), .. Journal(), .. Entries()];

    /// <summary>Three messages, one of them with all that a message can have.</summary>
    public static MessageBlock Messages()
    {
        var output = new ArrayBufferWriter<byte>();
        MessageView.Write(output, null, null, null, [], "first"u8);
        MessageView.Write(output, TimeSpan.FromMinutes(5), TimeSpan.FromDays(1), "customer-17", "content-type"u8, "second"u8);
        MessageView.Write(output, null, null, null, [], []);
        return new MessageBlock(output.WrittenMemory, 3);
    }

    private static DeliveryBlock Deliveries() => DeliveryBlock.Of(
    [
        new Delivery(17, 900, 1, new LogTime(1_790_000_000_001), new LogTime(1_790_000_030_001), "\0\0\u0005first"u8.ToArray()),
        new Delivery(18, 901, 2, new LogTime(1_790_000_000_002), new LogTime(1_790_000_030_001), "\0\0\0"u8.ToArray()),
    ]);

    private static Entry Entry(long index, EntryKind kind, string payload) =>
        new(new LogIndex(index), Term, new LogTime(1_790_000_000_000 + index), kind, Encoding.UTF8.GetBytes(payload));

    private static IEnumerable<Sample> Peer() =>
    [
        Sample.Of(new RequestVote(Group, Term, new LogIndex(300), new Term(6), true, true)),
        Sample.Of(new VoteReply(Group, Term, true, true)),
        Sample.Of(new AppendEntries(
            Group, Term, new LogIndex(299), new Term(6), [Entry(300, EntryKind.NoOp, ""), Entry(301, EntryKind.Command, "payload")], new LogIndex(298), 77)),
        Sample.Of(new AppendEntries(Group, Term, new LogIndex(299), new Term(6), [], new LogIndex(299), 78) { LogTime = new LogTime(1_700_000_000_456) }, "-heartbeat"),
        Sample.Of(new AppendReply(Group, Term, true, new LogIndex(301), new Term(5), new LogIndex(250), 77, 2)),
        Sample.Of(new InstallSnapshot(Group, Term, Meta, new SnapshotCursor(4, 1_024), 2_048, "a chunk"u8.ToArray(), 79)),
        Sample.Of(new SnapshotReply(
            Group, Term, new LogIndex(1_000_000), SnapshotProgress.Refused, new SnapshotCursor(4, 1_031), "machine version 2 is unknown", 79)),
        Sample.Of(new SnapshotReply(Group, Term, new LogIndex(1_000_000), SnapshotProgress.Installed, SnapshotCursor.Start, "", 80), "-installed"),
        Sample.Of(new TimeoutNow(Group, Term)),
        Sample.Of(new FoundingCall(Group, Term)),
        Sample.Of(new FoundingReply(Group, Term, true)),
    ];

    private static IEnumerable<Sample> Client() =>
    [
        Sample.Of(new Introduction(Node1, new Incarnation(Sample.Id(1)), "akka.tcp://raftqueue@10.0.0.1:7001", true)),
        Sample.Of(new Introduction(Node1, new Incarnation(Sample.Id(1)), "akka.tcp://raftqueue@10.0.0.1:7001", true, HearsNothing: true), "-unheard"),
        Sample.Of(
            new Introduction(
                Node1, new Incarnation(Sample.Id(1)), "akka.tcp://raftqueue@10.0.0.1:7001", true, Uptime: TimeSpan.FromMilliseconds(90_061_001)),
            "-uptime"),
        Sample.Of(new Introduction(Node1, new Incarnation(Sample.Id(1)), "akka.tcp://raftqueue@10.0.0.1:7001", true, Groups: 2), "-groups"),
        Sample.Of(new Hello(6)),
        Sample.Of(new Hello(6, WantsNews: true), "-news"),
        Sample.Of(new Welcome(0, [new GroupLeader(new GroupId(0), Node1, Term)], []), "-news"),
        Sample.Of(new Welcome(6, [new GroupLeader(new GroupId(0), null, Awaited: "Founding the cluster waits for n2.")], []), "-awaited"),
        Sample.Of(new Welcome(
            6,
            [new GroupLeader(new GroupId(0), Node1), new GroupLeader(new GroupId(1), null)],
            [new NodeAddress(Node1, "akka.tcp://raftqueue@10.0.0.1:7001"), new NodeAddress(Node2, "akka.tcp://raftqueue@10.0.0.2:7001")])),
        Sample.Of(new CommandRequest(7, Group, new byte[] { 90, 0 })),
        Sample.Of(new QueryRequest(8, Group, new GetQueueStats(Orders))),
        Sample.Of(new AdminRequest(9, Group, new AddMember(Node3))),
        Sample.Of(new ClientReply(7, new Purged(Orders, 12))),
        Sample.Of(new Deliver(Orders, Consumer, Deliveries(), After: 41)),
        Sample.Of(new Deliver(Orders, Consumer, Deliveries()) { DeadLetters = [Letter] }, "-dead-letter"),
        Sample.Of(new SubscriptionEnded(Orders, Consumer, Stale)),
        Sample.Of(new KeepAlive(Group, [new LiveSubscription(Orders, Consumer, 901), new LiveSubscription(DeadLetters, Consumer, 0)])),
    ];

    private static IEnumerable<Sample> Replies() =>
    [
        Sample.Of(Stale),
        Sample.Of(Stale with { OutcomeUnknown = true }, "-unknown"),
        Sample.Of(new Declared(Orders, true)),
        Sample.Of(new Deleted(Orders, 12)),
        Sample.Of(new Purged(Orders, 12)),
        Sample.Of(new Enqueued(Orders, 100, 5_000_000_000, 20, null)),
        Sample.Of(new Enqueued(Orders, 100, 5_000_000_000, 20, new Refused(RefusalCode.QueueFull, "the queue holds 1000000 of 1000000")), "-part"),
        Sample.Of(new Enqueued(Orders, 100, 5_000_000_000, 19, null) { RefusedMessages = [new MessageRefused(7, new Refused(RefusalCode.ConflictingOptions, "Delay is"))] }, "-unfit"),
        Sample.Of(new Subscribed(Orders, Consumer)),
        Sample.Of(new Unsubscribed(Orders, Consumer, 4)),
        Sample.Of(new Received(Orders, Consumer, Deliveries())),
        Sample.Of(new Received(Orders, Consumer, DeliveryBlock.Empty), "-nothing"),
        Sample.Of(new Received(Orders, Consumer, Deliveries()) { DeadLetters = [Letter] }, "-dead-letter"),
        Sample.Of(new Settled(Orders, [new SettlementRefused(17, 9, Stale)])),
        Sample.Of(new Extended(Orders, new LogTime(1_790_000_060_000), [new SettlementRefused(17, 9, Stale)])),
        Sample.Of(new Redriven(Orders, 33)),
        Sample.Of(new Redriven(Orders, 33) { Skipped = [new RedriveSkipped(RedriveObstacle.SourceGone, DeadLetters, 4, 17)], NextSequence = 40 }, "-part"),
        Sample.Of(Ticked.Instance),
        Sample.Of(Stats),
        Sample.Of(Stats with { InTransit = 12 }, "-in-transit"),
        Sample.Of(new QueueList([Stats, Stats with { Queue = DeadLetters, Options = QueueOptions.Default }])),
        Sample.Of(new QueueList([Stats]) { HasMore = true }, "-more"),
        Sample.Of(new Peeked(Orders, Deliveries())
        {
            DeadLetters = [new DeadLetter(17, Orders, 4, new LogTime(1_790_000_000_003), 3, DeadLetterCause.Rejected, "no such customer")],
        }),
        Sample.Of(new Transferred(DeadLetters, 1_790_000_000_004, 18)),
        Sample.Of(new TransferConfirmed(DeadLetters, 2)),
        Sample.Of(new Explained(
            Orders,
            17,
            new LogIndex(990_000),
            new LogTime(1_790_000_000_000),
            new LogIndex(1_000_000),
            MessageStanding.NotEnqueued,
            MessageStanding.Gone,
            [
                new MessageEvent(new LogIndex(990_001), new LogTime(1_790_000_000_001), MessageEventKind.Enqueued) { Producer = new ProducerId(Sample.Id(4)) },
                new MessageEvent(new LogIndex(990_002), new LogTime(1_790_000_000_002), MessageEventKind.Delivered)
                {
                    Consumer = Consumer, Token = 900, DeliveryCount = 1, Until = new LogTime(1_790_000_030_002),
                },
                new MessageEvent(new LogIndex(990_003), new LogTime(1_790_000_000_003), MessageEventKind.DeadLettered)
                {
                    DeliveryCount = 1, Other = DeadLetters, OtherSequence = 4, Cause = DeadLetterCause.Rejected, Reason = "no such customer",
                },
            ],
            true)),
        Sample.Of(new NotLeader(Group, new NodeAddress(Node2, "akka.tcp://raftqueue@10.0.0.2:7001"), true)),
        Sample.Of(new NotLeader(Group, null, false), "-unknown"),
        Sample.Of(new MembershipChanged(Members)),
        Sample.Of(new LeadershipTransferred(Node2)),
        Sample.Of(new ReplicaStatus(
            Node1, new Incarnation(Sample.Id(1)), Group, "Leader", Term, Node1, new LogIndex(10), new LogIndex(14), new LogIndex(13), new LogIndex(12),
            new LogIndex(9), "5f0c", Members, [new MemberProgress(Node2, new LogIndex(13), "replicate")], true, "none")
        {
            LogTimeOffset = TimeSpan.FromMilliseconds(-250),
            LongestApply = TimeSpan.FromMicroseconds(8_125),
        }),
    ];

    private static IEnumerable<Sample> Commands() =>
    [
        Sample.Of(new DeclareQueue(Orders, Options)),
        Sample.Of(new DeclareQueue(Orders, QueueOptions.Default), "-default"),
        Sample.Of(new DeclareQueue(Orders, Options) { DeadLetterGroup = new GroupId(0) }, "-elsewhere"),
        Sample.Of(new DeleteQueue(Orders)),
        Sample.Of(new PurgeQueue(Orders)),
        Sample.Of(new Enqueue(Orders, new ProducerId(Sample.Id(4)), 100, true, Messages())),
        Sample.Of(new Receive(Orders, Consumer, 10, TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(2))),
        Sample.Of(new Subscribe(Orders, Consumer, 256, TimeSpan.FromMinutes(2), StartedThrough: 900)),
        Sample.Of(new Unsubscribe(Orders, Consumer, 901)),
        Sample.Of(new Settle(
            Orders,
            Consumer,
            901,
            [
                new Settlement(SettlementKind.Ack, 17, 900, ""),
                new Settlement(SettlementKind.Release, 18, 901, ""),
                new Settlement(SettlementKind.Reject, 19, 902, "no such customer: \u00e4\u20ac"),
                new Settlement(SettlementKind.Return, 20, 903, ""),
            ])),
        Sample.Of(new Extend(Orders, Consumer, [900, 901], TimeSpan.FromMinutes(1))),
        Sample.Of(new Redrive(DeadLetters, Sample.Id(6), Orders, 100)),
        Sample.Of(new Redrive(DeadLetters, Sample.Id(6), null, 100), "-home"),
        Sample.Of(new Redrive(DeadLetters, Sample.Id(6), Orders, 100) { TargetGroup = new GroupId(1) }, "-elsewhere"),
        Sample.Of(new Redrive(DeadLetters, Sample.Id(6), null, 100) { Source = Orders, FromSequence = 17, ThroughSequence = 20 }, "-chosen"),
        Sample.Of(Tick.Instance),
        Sample.Of(new Transfer(
            DeadLetters,
            Group,
            1_790_000_000_004,
            Messages(),
            [
                new DeadLetter(16, Orders, 4, new LogTime(1_790_000_000_003), 3, DeadLetterCause.Rejected, "no such customer"),
                new DeadLetter(17, Orders, 5, new LogTime(1_790_000_000_003), 0, DeadLetterCause.Expired, "its time to live was over"),
                new DeadLetter(18, Orders, 6, new LogTime(1_790_000_000_003), 1, DeadLetterCause.Redriven, ""),
            ])),
        Sample.Of(new ConfirmTransfer(DeadLetters, 1_790_000_000_004, 18)),
    ];

    private static IEnumerable<Sample> Questions() =>
    [
        Sample.Of(new GetQueueStats(Orders)),
        Sample.Of(new ListQueues("orders.")),
        Sample.Of(new ListQueues("orders.", Orders), "-after"),
        Sample.Of(new Peek(Orders, 17, 20)),
        Sample.Of(new ExplainMessage(Orders, 17)),
        Sample.Of(new AddMember(Node3)),
        Sample.Of(new PromoteMember(Node3)),
        Sample.Of(new RemoveMember(Node3)),
        Sample.Of(new TransferLeadership(Node2)),
        Sample.Of(new TransferLeadership(null), "-any"),
        Sample.Of(GetStatus.Instance),
    ];

    private static IEnumerable<Sample> Journal() =>
    [
        Sample.Of(new Bootstrapped(Members)),
        Sample.Of(new Bootstrapped(Configuration.Empty), "-waiting"),
        Sample.Of(new Voted(Term, Node2)),
        Sample.Of(new Voted(Term, null), "-nobody"),
        Sample.Of(new EntriesAppended([Entry(300, EntryKind.NoOp, ""), Entry(301, EntryKind.Command, "payload"), Entry(302, EntryKind.MachineVersion, "\u0002")])),
        Sample.Of(new LogTruncated(new LogIndex(301))),
        Sample.Of(new LogCompacted(Meta, new LogIndex(990_000))),
        Sample.Of(new SnapshotInstalled(Meta)),
        Sample.Of([new Voted(Term, null), new LogTruncated(new LogIndex(300)), new EntriesAppended([Entry(300, EntryKind.Configuration, "x")])], "-three"),
        Sample.Of([], "-empty"),
        Sample.Of(new MemoryCheckpoint(Term, Node1, Meta, new LogIndex(999_990), Term, [Entry(1_000_001, EntryKind.Command, "after"), Entry(1_000_002, EntryKind.NoOp, "")])),
        Sample.Of(new MemoryCheckpoint(Term.Zero, null, SnapshotMeta.Origin(Configuration.Empty), LogIndex.Zero, Term.Zero, []), "-empty"),
    ];

    private static IEnumerable<Sample> Entries() =>
    [
        Sample.Of(Members),
        Sample.Of(Meta),
        Sample.OfMachineVersion(300),
    ];
}
