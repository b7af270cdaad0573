using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using Akka.Actor;
using Akka.TestKit;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Raft;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>A <see cref="QueueHost"/> under virtual time, with probes for its replica and its snapshot keeper; the test is the log.</summary>
internal sealed class HostBench
{
    public static readonly QueueName Orders = new("orders");
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly TestKitBase _kit;
    private readonly TestScheduler _scheduler;
    private readonly VirtualTime _time;
    private readonly ProducerId _producer = ProducerId.New();
    private LogIndex _last;
    private long _sent;

    public HostBench(TestKitBase kit, QueueSettings? settings = null, SnapshotMeta? start = null)
    {
        _kit = kit;
        _scheduler = (TestScheduler)kit.Sys.Scheduler;
        _last = start?.LastIncludedIndex ?? LogIndex.Zero;
        (Raft, Snapshots) = (kit.CreateTestProbe(), kit.CreateTestProbe());
        var (chosen, time) = (settings ?? Settings, _time = new VirtualTime(_scheduler));
        var keeper = (IActorRef)Snapshots;
        Host = kit.Sys.ActorOf(Props.Create(() => new QueueHost(Members.Group, chosen, keeper, start, time)));
    }

    public static QueueSettings Settings { get; } = new(
        SessionTimeout: TimeSpan.FromSeconds(10),
        DisconnectGrace: TimeSpan.FromSeconds(3),
        SnapshotBytes: 1 << 20,
        SnapshotEntries: 1000,
        SegmentCacheBytes: 64 << 20,
        StalledAfter: TimeSpan.FromSeconds(10));

    public TestProbe Raft { get; }

    public TestProbe Snapshots { get; }

    public IActorRef Host { get; }

    /// <summary>The token of the first lease of this second.</summary>
    public long FirstToken => (Now.Milliseconds / 1_000) << 20;

    /// <summary>How far the node's wall clock is wrong; entries are stamped by a right one.</summary>
    public TimeSpan WallError { set => _time.WallError = value; }

    public LogTime Now => LogTime.From(_time.GetUtcNow() - _time.WallError);

    public void Lead(long term = 1)
    {
        Host.Tell(new StartLeading(new Term(term)), Raft);
        Status();
    }

    public void StopLeading() => Host.Tell(new StopLeading(Redirect(outcomeUnknown: true)), Raft);

    public static NotLeader Redirect(bool outcomeUnknown) =>
        new(Members.Group, new NodeAddress(Members.Node(2), "akka.tcp://raftqueue@n2:7001"), outcomeUnknown);

    /// <summary>The host has done all that it was told; and how it sees itself.</summary>
    public ReplicaStatus Status()
    {
        var asker = _kit.CreateTestProbe();
        Host.Tell(new CompleteStatus(new Origin(asker, 1), EmptyStatus), Raft);
        return (ReplicaStatus)asker.ExpectMsg<ClientReply>(Deadline).Reply;
    }

    public void Advance(TimeSpan span)
    {
        Status();
        _scheduler.Advance(span);
        Status();
    }

    /// <summary>Proposes commands of one client, and leaves them uncommitted.</summary>
    public ImmutableArray<Entry> Propose(IActorRef client, params ICommand[] commands)
    {
        var entries = EntriesOf(commands);
        var proposals = commands.Select((command, place) =>
            new ProposeCommand(new Origin(client, entries[place].Index.Value), entries[place].Payload, command));
        Host.Tell(new Proposed(entries[0].Index, [.. proposals]), Raft);
        return entries;
    }

    public void Commit(ImmutableArray<Entry> entries)
    {
        Host.Tell(new Committed(entries), Raft);
        Status();
    }

    /// <summary>Commits commands that another leader proposed.</summary>
    public void CommitOthers(params ICommand[] commands) => Commit(EntriesOf(commands));

    /// <summary>Proposes and commits a client's commands.</summary>
    public void Do(IActorRef client, params ICommand[] commands) => Commit(Propose(client, commands));

    /// <summary>Commits an entry that is no command.</summary>
    public void CommitNoOp()
    {
        _last = _last.Next;
        Commit([new Entry(_last, new Term(1), Now, EntryKind.NoOp, default)]);
    }

    /// <summary>What the host itself proposed since last asked.</summary>
    public IReadOnlyList<ProposeCommand> OwnProposals()
    {
        Status();
        var proposals = new List<ProposeCommand>();
        while (Raft.HasMessages)
        {
            if (Raft.ReceiveOne(TimeSpan.Zero) is ProposeCommand proposal)
                proposals.Add(proposal);
        }

        return proposals;
    }

    public Enqueue Enqueue(params string[] bodies)
    {
        var output = new ArrayBufferWriter<byte>();
        foreach (var body in bodies)
            MessageView.Write(output, null, null, default, default, Encoding.UTF8.GetBytes(body));
        var first = _sent + 1;
        _sent += bodies.Length;
        return new Enqueue(Orders, _producer, first, IsAtomic: true, new MessageBlock(output.WrittenMemory, bodies.Length));
    }

    /// <summary>What a client was told, its answers as their replies; nothing that is still on its way is missed.</summary>
    public IReadOnlyList<object> Told(TestProbe client)
    {
        Status();
        var told = new List<object>();
        while (client.HasMessages)
            told.Add(client.ReceiveOne(TimeSpan.Zero) is ClientReply reply ? reply.Reply : client.LastMessage!);
        return told;
    }

    public static IEnumerable<string> Bodies(DeliveryBlock deliveries) => deliveries.ToList().Select(BodyOf);

    public void KeepAlive(IActorRef client, ConsumerId consumer, long startedThrough = 0)
    {
        Host.Tell(new ClientIsAlive(client, new KeepAlive(Members.Group, [new LiveSubscription(Orders, consumer, startedThrough)])));
        Status();
    }

    private static string BodyOf(Delivery delivery) => MessageView.TryRead(delivery.Message, out var message, out var problem)
        ? Encoding.UTF8.GetString(message.Body.Span)
        : throw new InvalidOperationException(problem);

    private static ReplicaStatus EmptyStatus { get; } = new(
        Members.Node(1), Members.Life(Members.Node(1)), Members.Group, "Follower", Term.Zero, null, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero, LogIndex.Zero,
        LogIndex.Zero, "", Configuration.Empty, [], true, "");

    private ImmutableArray<Entry> EntriesOf(IEnumerable<ICommand> commands) =>
        [.. commands.Select(command => new Entry(_last = _last.Next, new Term(1), Now, EntryKind.Command, CommandCodec.Encode(command)))];
}
