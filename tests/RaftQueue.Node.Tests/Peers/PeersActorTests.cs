using Akka.Actor;
using Akka.Cluster;
using Akka.Remote;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Tests.Raft;
using Xunit;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Tests.Peers;

/// <summary>The way to other nodes: who introduces itself is known, what is meant for a replica reaches it, and nobody else.</summary>
public sealed class PeersActorTests : TestKit
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private readonly IActorRef _peers;
    private readonly TestProbe _gateway;
    private readonly TestProbe _raft;
    private readonly TerminationSignal _signal = new();

    public PeersActorTests()
        : base(RaftQueueSerializer.Config.WithFallback("""
            akka {
              loglevel = WARNING
              stdout-loglevel = OFF
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            }
            """))
    {
        (_gateway, _raft) = (CreateTestProbe(), CreateTestProbe());
        var gateway = (IActorRef)_gateway;
        _peers = Sys.ActorOf(Props.Create(() => new PeersActor(Members.Node(1), Members.Life(Members.Node(1)), 2, gateway, _signal)), "peers");
        _peers.Tell(new GroupStarted(Members.Group, _raft, ActorRefs.Nobody));
        _raft.ExpectMsg<DirectoryChanged>(Deadline);
        _gateway.ExpectMsg<DirectoryChanged>(Deadline);
    }

    [Fact]
    public void What_is_meant_for_a_replica_here_reaches_it()
    {
        var envelope = Envelope(2, 1, Members.Append(term: 1));
        _peers.Tell(envelope);
        Assert.Equal(envelope, _raft.ExpectMsg<Envelope>(Deadline));
    }

    [Fact]
    public void What_is_meant_for_a_group_that_is_not_here_goes_nowhere()
    {
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1) with { Group = new GroupId(7) }));
        _peers.Tell(Envelope(2, 1, Members.Append(term: 2)));
        Assert.Equal(new Term(2), _raft.ExpectMsg<Envelope>(Deadline).Message.Term);
    }

    [Fact]
    public void A_node_that_introduces_itself_is_answered_and_made_known()
    {
        _peers.Tell(Introduction(2, "akka.tcp://raftqueue@127.0.0.1:2"), TestActor);
        var answer = ExpectMsg<Introduction>(Deadline);
        Assert.Equal((Members.Node(1), Cluster.Get(Sys).SelfAddress.ToString(), false), (answer.Node, answer.Address, answer.IsAnswerWanted));
        foreach (var probe in new[] { _raft, _gateway })
        {
            var nodes = probe.ExpectMsg<DirectoryChanged>(Deadline).Nodes;
            Assert.Equal(("akka.tcp://raftqueue@127.0.0.1:2", Members.Life(Members.Node(2))), (nodes[Members.Node(2)].Address.Address, nodes[Members.Node(2)].Incarnation));
            Assert.True(nodes.ContainsKey(Members.Node(1)));
        }
    }

    [Fact, Trait("Category", "Fault")]
    public void F05_A_node_with_another_number_of_groups_is_not_spoken_to_until_it_has_the_right_one()
    {
        var introduction = Introduction(2, "akka.tcp://raftqueue@127.0.0.1:2");
        EventFilter.Error(contains: "raftqueue.groups = 3, and this node with 2").ExpectOne(
            Deadline, () => _peers.Tell(introduction with { Groups = 3 }, TestActor));
        Assert.Equal(2, ExpectMsg<Introduction>(Deadline).Groups); // so that it can say the same
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));

        _peers.Tell(introduction with { Groups = 2 }, TestActor);
        Assert.True(_raft.ExpectMsg<DirectoryChanged>(Deadline).Nodes.ContainsKey(Members.Node(2)));
        _peers.Tell(Envelope(2, 1, Members.Append(term: 2)));
        Assert.Equal(new Term(2), _raft.ExpectMsg<Envelope>(Deadline).Message.Term);

        _peers.Tell(introduction with { Groups = 1 }, TestActor);
        Assert.False(_raft.ExpectMsg<DirectoryChanged>(Deadline).Nodes.ContainsKey(Members.Node(2)));
    }

    [Fact]
    public void An_answer_is_not_answered_and_the_same_again_is_no_news()
    {
        var introduction = Introduction(2, "akka.tcp://raftqueue@127.0.0.1:2") with { IsAnswerWanted = false };
        _peers.Tell(introduction, TestActor);
        _peers.Tell(introduction, TestActor);
        _raft.ExpectMsg<DirectoryChanged>(Deadline);
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));
        _raft.ExpectMsg<Envelope>(Deadline); // nothing else before it
        ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_node_that_comes_back_elsewhere_is_found_there()
    {
        _peers.Tell(Introduction(2, "akka.tcp://raftqueue@127.0.0.1:2"), TestActor);
        _peers.Tell(Introduction(2, "akka.tcp://raftqueue@127.0.0.1:3"), TestActor);
        _raft.ExpectMsg<DirectoryChanged>(Deadline);
        Assert.Equal("akka.tcp://raftqueue@127.0.0.1:3", _raft.ExpectMsg<DirectoryChanged>(Deadline).Nodes[Members.Node(2)].Address.Address);
    }

    [Fact]
    public void Strangers_without_end_are_not_taken_in_and_those_that_are_known_still_move()
    {
        const int most = 256;
        for (var node = 2; node <= most; node++)
        {
            _peers.Tell(Introduction(node, $"akka.tcp://raftqueue@127.0.0.1:{node}"), TestActor);
            _raft.ExpectMsg<DirectoryChanged>(Deadline);
        }

        EventFilter.Warning(contains: $"{most} nodes are known").ExpectOne(
            Deadline, () => _peers.Tell(Introduction(most + 1, "akka.tcp://raftqueue@127.0.0.1:9"), TestActor));
        _peers.Tell(Introduction(2, "akka.tcp://raftqueue@127.0.0.1:1002"), TestActor);
        var nodes = _raft.ExpectMsg<DirectoryChanged>(Deadline).Nodes;
        Assert.Equal((most, "akka.tcp://raftqueue@127.0.0.1:1002"), (nodes.Count, nodes[Members.Node(2)].Address.Address));
    }

    [Fact]
    public void Another_node_of_our_own_name_is_an_error_and_not_believed()
    {
        EventFilter.Error(contains: "also calls itself n1").ExpectOne(Deadline, () => _peers.Tell(Introduction(1, "akka.tcp://raftqueue@127.0.0.1:2"), TestActor));
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));
        _raft.ExpectMsg<Envelope>(Deadline); // and no directory with the other before it
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F27_The_younger_of_two_nodes_of_one_name_stops_and_names_both_addresses()
    {
        const string other = "akka.tcp://raftqueue@127.0.0.1:2";
        _peers.Tell(Introduction(1, other) with { IsAnswerWanted = false, Uptime = TimeSpan.FromHours(3) }, TestActor);

        var termination = await _signal.WhenFailed.WaitAsync(Deadline);

        Assert.Equal(NodeTerminationCause.NameTaken, termination.Cause);
        Assert.Contains($"at {other}, is called n1", termination.Reason);
        Assert.Contains($"at {Cluster.Get(Sys).SelfAddress}, stops", termination.Reason);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F27_The_older_of_two_nodes_of_one_name_goes_on_and_tells_the_other()
    {
        _peers.Tell(Introduction(1, "akka.tcp://raftqueue@127.0.0.1:2"), TestActor);

        var answer = ExpectMsg<Introduction>(Deadline);

        Assert.Equal((Members.Node(1), false), (answer.Node, answer.IsAnswerWanted));
        Assert.InRange(answer.Uptime, TimeSpan.Zero, Deadline);
        _peers.Tell(Introduction(1, "akka.tcp://raftqueue@127.0.0.1:2") with { IsAnswerWanted = false }, TestActor);
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));
        _raft.ExpectMsg<Envelope>(Deadline);
        Assert.False(_signal.WhenFailed.IsCompleted);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F27_What_a_node_of_our_name_says_unasked_is_not_believed_but_it_is_asked()
    {
        // The last words of the process whose place this one has taken may arrive late, and say a longer uptime.
        _peers.Tell(Introduction(1, "akka.tcp://raftqueue@127.0.0.1:2") with { Uptime = TimeSpan.FromDays(3) }, TestActor);

        Assert.False(ExpectMsg<Introduction>(Deadline).IsAnswerWanted);
        Assert.True(ExpectMsg<Introduction>(Deadline).IsAnswerWanted);
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));
        _raft.ExpectMsg<Envelope>(Deadline);
        Assert.False(_signal.WhenFailed.IsCompleted);
    }

    [Fact]
    public void A_closed_connection_is_told_of_the_node_that_was_there_and_of_no_other()
    {
        _peers.Tell(Introduction(2, "akka.tcp://raftqueue@127.0.0.1:2"), TestActor);
        _peers.Tell(Introduction(3, "akka.tcp://raftqueue@127.0.0.1:3"), TestActor);
        _raft.ExpectMsg<DirectoryChanged>(Deadline);
        _raft.ExpectMsg<DirectoryChanged>(Deadline);
        var here = Cluster.Get(Sys).SelfAddress;
        Sys.EventStream.Publish(new DisassociatedEvent(here, Address.Parse("akka.tcp://client@127.0.0.1:9"), inbound: true));
        Sys.EventStream.Publish(new DisassociatedEvent(here, Address.Parse("akka.tcp://raftqueue@127.0.0.1:3"), inbound: false));
        Assert.Equal(new Input.PeerLost(Members.Node(3)), _raft.ExpectMsg<Input.PeerLost>(Deadline));
        _peers.Tell(Envelope(2, 1, Members.Append(term: 1)));
        _raft.ExpectMsg<Envelope>(Deadline);
    }

    [Fact]
    public async Task Two_nodes_find_each_other_by_a_seed_contact_and_carry_messages()
    {
        // This node's address is a contact of the other, as if it were named among its seed nodes; no cluster needs to form for them to meet.
        var other = SystemThatKnows(Cluster.Get(Sys).SelfAddress);
        try
        {
            var (gateway, raft) = (CreateTestProbe(other), CreateTestProbe(other));
            var itsGateway = (IActorRef)gateway;
            var itsPeers = other.ActorOf(PeersOfNode2(itsGateway), "peers");
            itsPeers.Tell(new GroupStarted(Members.Group, raft, ActorRefs.Nobody));
            Assert.True(_raft.ExpectMsg<DirectoryChanged>(Deadline).Nodes.ContainsKey(Members.Node(2)));
            raft.FishForMessage<DirectoryChanged>(changed => changed.Nodes.ContainsKey(Members.Node(1)), Deadline);

            _peers.Tell(Envelope(1, 2, Members.Append(term: 4)));
            Assert.Equal(new Term(4), raft.FishForMessage<Envelope>(_ => true, Deadline).Message.Term);
            itsPeers.Tell(Envelope(2, 1, Members.Append(term: 5)));
            Assert.Equal(new Term(5), _raft.FishForMessage<Envelope>(_ => true, Deadline).Message.Term);
        }
        finally
        {
            await other.Terminate();
        }
    }

    [Fact]
    public async Task A_connection_on_which_nobody_answers_is_made_anew()
    {
        // There is a system at the other end, which holds its end of the connection, but no word of a node comes from it.
        var mute = ActorSystem.Create(Sys.Name, """
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 } }
            """);
        var seeker = SystemThatKnows(((ExtendedActorSystem)mute).Provider.DefaultAddress);
        try
        {
            var (connections, gateway) = (CreateTestProbe(mute), (IActorRef)CreateTestProbe(seeker));
            mute.EventStream.Subscribe(connections, typeof(AssociatedEvent));
            mute.EventStream.Subscribe(connections, typeof(DisassociatedEvent));
            seeker.ActorOf(PeersOfNode2(gateway), "peers");

            connections.ExpectMsg<AssociatedEvent>(Deadline);
            connections.FishForMessage(message => message is DisassociatedEvent, Deadline);
            connections.FishForMessage(message => message is AssociatedEvent, Deadline);
        }
        finally
        {
            await seeker.Terminate();
            await mute.Terminate();
        }
    }

    [Fact]
    public async Task Who_is_not_heard_by_another_makes_its_connection_to_it_anew()
    {
        var other = SystemThatKnows(Cluster.Get(Sys).SelfAddress);
        try
        {
            var (speaker, connections) = (CreateTestProbe(other), CreateTestProbe(other));
            other.EventStream.Subscribe(connections, typeof(DisassociatedEvent));
            var peers = await other.ActorSelection(_peers.Path.ToStringWithAddress(Cluster.Get(Sys).SelfAddress)).ResolveOne(Deadline);
            var introduction = Introduction(2, Cluster.Get(other).SelfAddress.ToString());
            peers.Tell(introduction, speaker);
            Assert.Equal(Members.Node(1), speaker.ExpectMsg<Introduction>(Deadline).Node);
            connections.ExpectNoMsg(TimeSpan.Zero);

            peers.Tell(introduction with { HearsNothing = true }, speaker);

            connections.ExpectMsg<DisassociatedEvent>(Deadline);
        }
        finally
        {
            await other.Terminate();
        }
    }

    [Fact]
    public void What_cannot_be_read_is_logged_and_nothing_else() =>
        EventFilter.Warning(contains: "cannot be read").ExpectOne(Deadline, () => _peers.Tell(
            new Unreadable("zz", new Contracts.Queue.Refused(Contracts.Queue.RefusalCode.Malformed, "no such manifest")), TestActor));

    private ActorSystem SystemThatKnows(Address seed) => ActorSystem.Create(Sys.Name, RaftQueueSerializer.Config.WithFallback($$"""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = cluster
          cluster.seed-nodes = ["{{seed}}"]
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """).WithFallback(DefaultConfig));

    private static Envelope Envelope(int from, int to, IPeerMessage message) => new(
        Members.Node(from), Members.Life(Members.Node(from)), Members.Node(to), Members.Life(Members.Node(to)), message);

    private static Props PeersOfNode2(IActorRef gateway) =>
        Props.Create(() => new PeersActor(Members.Node(2), Members.Life(Members.Node(2)), 2, gateway, new TerminationSignal()));

    private static Introduction Introduction(int node, string address) =>
        new(Members.Node(node), Members.Life(Members.Node(node)), address, IsAnswerWanted: true);
}
