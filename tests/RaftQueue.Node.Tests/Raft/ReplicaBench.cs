using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Raft;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>
/// A <see cref="RaftActor"/> under virtual time, on the test's own thread, with probes for everybody it works with. It is node n1; the test speaks for the others.
/// </summary>
internal sealed class ReplicaBench
{
    private readonly TestKitBase _kit;
    private Remember? _unfinished;

    public ReplicaBench(TestKitBase kit, int members = 3, Memory? memory = null, RaftSettings? settings = null, Func<double>? random = null, string name = "raft")
    {
        _kit = kit;
        Settings = settings ?? Members.Settings;
        Scheduler = (TestScheduler)kit.Sys.Scheduler;
        (Journal, Peers, Queue) = (kit.CreateTestProbe(), kit.CreateTestProbe(), kit.CreateTestProbe());
        (Snapshots, Gateway, Node) = (kit.CreateTestProbe(), kit.CreateTestProbe(), kit.CreateTestProbe());
        var neighbours = new RaftNeighbours(Journal, Peers, Queue, Snapshots, Gateway, Node);
        var (self, remembered, time, draw) = (Members.Identity(1), memory ?? Members.Fresh(members), Time = new VirtualTime(Scheduler), random ?? (() => Draw));
        Fsm = kit.ActorOfAsTestFSMRef<RaftActor, Role, Replica>(
            Props.Create(() => new RaftActor(self, remembered, Settings, neighbours, time, draw)), name);
    }

    public RaftSettings Settings { get; }

    public TestScheduler Scheduler { get; }

    public VirtualTime Time { get; }

    public TestProbe Journal { get; }

    public TestProbe Peers { get; }

    public TestProbe Queue { get; }

    public TestProbe Snapshots { get; }

    public TestProbe Gateway { get; }

    public TestProbe Node { get; }

    public TestFSMRef<RaftActor, Role, Replica> Fsm { get; }

    /// <summary>What the next randomized timeout draws.</summary>
    public double Draw { get; set; } = 0.5;

    public Role Role => Fsm.StateName;

    public Replica Replica => Fsm.StateData;

    /// <summary>A replica that leads, and whose disk has everything so far.</summary>
    public static ReplicaBench Leading(TestKitBase kit)
    {
        var bench = new ReplicaBench(kit);
        bench.BecomeLeader();
        bench.FinishWrites();
        return bench;
    }

    /// <summary>All that a probe was told since it was last looked at.</summary>
    public static IReadOnlyList<object> Told(TestProbe probe)
    {
        var told = new List<object>();
        while (probe.HasMessages)
            told.Add(probe.ReceiveOne(TimeSpan.Zero)!);
        return told;
    }

    public static IReadOnlyList<T> Told<T>(TestProbe probe) => [.. Told(probe).OfType<T>()];

    /// <summary>What was sent to other nodes at once, since last asked.</summary>
    public IReadOnlyList<T> Sent<T>()
        where T : IPeerMessage => [.. Told<Envelope>(Peers).Select(envelope => envelope.Message).OfType<T>()];

    public void Advance(TimeSpan span) => Scheduler.Advance(span);

    public void AdvanceMilliseconds(double milliseconds) => Scheduler.Advance(TimeSpan.FromMilliseconds(milliseconds));

    public void Hear(int from, IPeerMessage message)
    {
        var self = Members.Node(1);
        Fsm.Tell(new Envelope(Members.Node(from), Members.Life(Members.Node(from)), self, Members.Life(self), message));
    }

    /// <summary>The journal's writes that are not finished, in order.</summary>
    public IReadOnlyList<Remember> Writes()
    {
        var writes = Told<Remember>(Journal);
        _unfinished = writes.Count > 0 ? writes[^1] : _unfinished;
        return writes;
    }

    /// <summary>The disk has everything so far.</summary>
    public IReadOnlyList<Remember> FinishWrites()
    {
        var finished = new List<Remember>();
        for (var writes = Writes(); writes.Count > 0 || _unfinished is not null; writes = Writes())
        {
            finished.AddRange(writes);
            var last = _unfinished!;
            _unfinished = null;
            Fsm.Tell(new Remembered(last.Number, last.Mark), Journal);
        }

        return finished;
    }

    public void BecomeFollowerOf(int leader, long term, params Entry[] entries)
    {
        Hear(leader, Members.Append(term, entries: entries));
        FinishWrites();
    }

    /// <summary>No leader was heard: it asks around.</summary>
    public void BecomeCandidate() => Advance(Settings.MaxElectionTimeout);

    /// <summary>Wins an election against n2's and n3's silence but for their votes; its no-op is committed by n2's acknowledgement.</summary>
    public void BecomeLeader(bool establish = true)
    {
        BecomeCandidate();
        Hear(2, Members.Granted(Replica.CurrentTerm.Value + 1, isPreVote: true));
        FinishWrites();
        Hear(2, Members.Granted(Replica.CurrentTerm.Value, isPreVote: false));
        if (!establish)
            return;
        FinishWrites();
        Acknowledge(2);
    }

    /// <summary>A follower has all that the leader has.</summary>
    public void Acknowledge(int follower) =>
        Hear(follower, Members.Accepted(Replica.CurrentTerm.Value, Replica.Log.LastIndex.Value, Replica.Leadership?.Round ?? 0));

    public void LearnAddresses(int members) => Fsm.Tell(new DirectoryChanged(Enumerable.Range(1, members).Select(Members.Node).ToImmutableDictionary(
        node => node, node => new KnownNode(AddressOf(node), Members.Life(node)))));

    public static NodeAddress AddressOf(NodeId node) => new(node, $"akka.tcp://raftqueue@{node}:7001");

    /// <summary>Proposes a command of so many bytes and returns the client that waits for it.</summary>
    public TestProbe Propose(int bytes = 10) => Propose(bytes, Tick.Instance);

    /// <summary>Proposes a command and returns the client that waits for it.</summary>
    public TestProbe Propose(int bytes, ICommand command)
    {
        var client = _kit.CreateTestProbe();
        Fsm.Tell(new ProposeCommand(new Origin(client, 7), new byte[bytes], command));
        return client;
    }

    public TestProbe Ask(IQuery query)
    {
        var client = _kit.CreateTestProbe();
        Fsm.Tell(new AskQuery(new Origin(client, 7), query));
        return client;
    }

    public TestProbe Administer(IAdminCommand command)
    {
        var client = _kit.CreateTestProbe();
        Fsm.Tell(new AskAdmin(new Origin(client, 7), command));
        return client;
    }

    /// <summary>The one answer that a client got.</summary>
    public static T Answer<T>(TestProbe client)
        where T : IReply
    {
        var reply = Xunit.Assert.IsType<ClientReply>(Xunit.Assert.Single(Told(client)));
        Xunit.Assert.Equal(7, reply.CorrelationId);
        return Xunit.Assert.IsType<T>(reply.Reply);
    }
}
