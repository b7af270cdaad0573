using System.Collections.Immutable;
using Akka.Actor;
using Akka.Remote;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Gateway;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Gateway;

/// <summary>Where clients come in: what they send goes to the right replica, and what cannot go there is answered by name.</summary>
public sealed class GatewayActorTests : TestKit
{
    private const int Groups = 2;
    private static readonly QueueName InFirst = NameIn(0), InSecond = NameIn(1);
    private readonly IActorRef _gateway;
    private readonly (TestProbe Raft, TestProbe Queue)[] _replicas;

    public GatewayActorTests()
        : base("akka { loglevel = WARNING, stdout-loglevel = OFF }")
    {
        _gateway = Sys.ActorOf(Props.Create(() => new GatewayActor(Groups)));
        _replicas = [.. Enumerable.Range(0, Groups).Select(_ => (CreateTestProbe(), CreateTestProbe()))];
    }

    [Fact]
    public void A_command_goes_to_the_replica_of_its_group_as_it_came()
    {
        Start(0, 1);
        var command = new PurgeQueue(InSecond);
        var bytes = CommandCodec.Encode(command);
        _gateway.Tell(new CommandRequest(5, new GroupId(1), bytes), TestActor);
        var proposal = _replicas[1].Raft.ExpectMsg<ProposeCommand>();
        Assert.Equal(command, proposal.Command);
        Assert.True(proposal.Payload.Span.SequenceEqual(bytes));
        Assert.Equal((TestActor, 5L), (proposal.Origin.Client, proposal.Origin.CorrelationId));
        Assert.False(_replicas[0].Raft.HasMessages);
    }

    [Fact]
    public void A_question_and_an_operators_command_go_to_the_replica_of_their_group()
    {
        Start(0, 1);
        _gateway.Tell(new QueryRequest(1, new GroupId(0), new ListQueues("")), TestActor);
        Assert.Equal(new ListQueues(""), _replicas[0].Raft.ExpectMsg<AskQuery>().Query);
        _gateway.Tell(new AdminRequest(2, new GroupId(1), GetStatus.Instance), TestActor);
        Assert.Equal(GetStatus.Instance, _replicas[1].Raft.ExpectMsg<AskAdmin>().Command);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F26_A_client_is_told_what_a_group_without_a_leader_waits_for_until_it_has_one()
    {
        Start(0, 1);
        _gateway.Tell(new LeaderAwaited(new GroupId(1), "Founding the cluster waits for n2."));
        _gateway.Tell(new Hello(1), TestActor);
        Assert.Equal(["", "Founding the cluster waits for n2."], ExpectMsg<Welcome>().Groups.Select(group => group.Awaited));

        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(1), new NodeId("n1")));
        _gateway.Tell(new Hello(2), TestActor);
        Assert.Equal(["", ""], ExpectMsg<Welcome>().Groups.Select(group => group.Awaited));
    }

    [Fact]
    public void A_command_for_a_queue_of_another_group_is_refused_by_name()
    {
        Start(0, 1);
        _gateway.Tell(new CommandRequest(5, new GroupId(0), CommandCodec.Encode(new PurgeQueue(InSecond))), TestActor);
        var refused = Refusal(5);
        Assert.Equal(RefusalCode.Malformed, refused.Code);
        Assert.Contains($"Queue {InSecond} belongs to group 1 of 2, not to group 0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Into_a_command_that_names_a_queue_of_another_group_that_group_is_written()
    {
        Start(0, 1);
        _gateway.Tell(Request(5, new DeclareQueue(InFirst, new QueueOptions { DeadLetterQueue = InSecond })), TestActor);
        var declare = _replicas[0].Raft.ExpectMsg<ProposeCommand>();
        Assert.Equal(new GroupId(1), Assert.IsType<DeclareQueue>(declare.Command).DeadLetterGroup);
        Assert.Equal(declare.Command, CommandCodec.Decode(declare.Payload));

        _gateway.Tell(Request(6, new Redrive(InFirst, Guid.NewGuid(), InSecond, 1)), TestActor);
        Assert.Equal(new GroupId(1), Assert.IsType<Redrive>(_replicas[0].Raft.ExpectMsg<ProposeCommand>().Command).TargetGroup);
    }

    [Fact]
    public void What_a_client_says_of_groups_is_overwritten()
    {
        Start(0, 1);
        _gateway.Tell(Request(5, new DeclareQueue(InFirst, new QueueOptions { DeadLetterQueue = InFirst }) { DeadLetterGroup = new GroupId(1) }), TestActor);
        var declare = _replicas[0].Raft.ExpectMsg<ProposeCommand>();
        Assert.Null(Assert.IsType<DeclareQueue>(declare.Command).DeadLetterGroup);
        Assert.Equal(declare.Command, CommandCodec.Decode(declare.Payload));
    }

    [Fact]
    public void What_leaves_an_outbox_is_decided_by_its_own_leader_only()
    {
        Start(0, 1);
        _gateway.Tell(Request(5, new ConfirmTransfer(InSecond, 1, 1)), TestActor);
        Assert.Contains("for nodes among themselves", Refusal(5).Message, StringComparison.Ordinal);
        Assert.False(_replicas[0].Raft.HasMessages);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void An_unknown_group_is_refused_by_name(int group)
    {
        Start(0, 1);
        _gateway.Tell(new QueryRequest(5, new GroupId(group), new ListQueues("")), TestActor);
        Assert.Equal(RefusalCode.OutOfBounds, Refusal(5).Code);
    }

    [Fact]
    public void A_malformed_command_is_refused_by_name()
    {
        Start(0, 1);
        _gateway.Tell(new CommandRequest(5, new GroupId(0), new byte[] { 1, 2, 3 }), TestActor);
        Assert.Equal(RefusalCode.Malformed, Refusal(5).Code);
        _gateway.Tell(new CommandRequest(6, new GroupId(0), CommandCodec.Encode(new PurgeQueue(new QueueName("no spaces")))), TestActor);
        Assert.Equal(RefusalCode.InvalidName, Refusal(6).Code);
        Assert.False(_replicas[0].Raft.HasMessages);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F15_What_a_replica_has_not_taken_up_is_bounded_in_number_and_the_next_is_told_that_it_is_busy()
    {
        Start(0, 1);
        for (var i = 1; i <= ClientLane.DefaultCount; i++)
            _gateway.Tell(new QueryRequest(i, new GroupId(0), new ListQueues("")), TestActor);
        _gateway.Tell(new QueryRequest(9_000, new GroupId(0), new ListQueues("")), TestActor);
        var refused = Refusal(9_000);
        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains($"group 0 has not taken up {ClientLane.DefaultCount} requests", refused.Message, StringComparison.Ordinal);

        _gateway.Tell(new QueryRequest(1, new GroupId(1), new ListQueues("")), TestActor); // the other group has a lane of its own
        _replicas[1].Raft.ExpectMsg<AskQuery>();
        var taken = _replicas[0].Raft.ExpectMsg<AskQuery>();
        taken.Lane!.Leave(0);
        _gateway.Tell(new QueryRequest(9_001, new GroupId(0), new ListQueues("")), TestActor);
        Assert.Equal(9_001, _replicas[0].Raft.FishForMessage<AskQuery>(ask => ask.Origin.CorrelationId == 9_001).Origin.CorrelationId);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F15_What_a_replica_has_not_taken_up_is_bounded_in_bytes()
    {
        Start(0, 1);
        var large = Request(1, new Enqueue(InFirst, ProducerId.New(), 1, IsAtomic: false, LargeMessage()));
        var fitting = ClientLane.DefaultBytes / large.Command.Length;
        for (var i = 0; i <= fitting; i++)
            _gateway.Tell(large, TestActor);
        Assert.Equal(RefusalCode.Busy, Refusal(1).Code);
        Assert.Equal(fitting, _replicas[0].Raft.ReceiveN((int)fitting).Count);
    }

    [Fact]
    public void A_question_beyond_its_bounds_is_refused_by_name()
    {
        Start(0, 1);
        _gateway.Tell(new QueryRequest(5, new GroupId(0), new Peek(InFirst, 0, MaxMessages: 0)), TestActor);
        Assert.Equal(RefusalCode.OutOfBounds, Refusal(5).Code);
    }

    [Fact]
    public void What_cannot_be_read_is_answered_with_the_reason()
    {
        var reason = new Refused(RefusalCode.Malformed, "No message has the manifest \"zz\".");
        EventFilter.Warning(contains: "cannot be read").ExpectOne(() => _gateway.Tell(new Unreadable("zz", reason), TestActor));
        Assert.Equal(new ClientReply(0, reason), ExpectMsg<ClientReply>());
    }

    [Fact]
    public void While_a_replica_recovers_its_group_has_no_leader_here()
    {
        Start(0);
        _gateway.Tell(new QueryRequest(5, new GroupId(1), new ListQueues("")), TestActor);
        Assert.Equal(new NotLeader(new GroupId(1), null, OutcomeUnknown: false), ExpectMsg<ClientReply>().Reply);
    }

    [Fact]
    public async Task A_replica_that_has_stopped_is_not_asked_any_more()
    {
        Start(0, 1);
        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(4), new NodeId("n2")));
        Sys.Stop(_replicas[1].Raft.Ref);
        await AwaitAssertAsync(
            () =>
            {
                _gateway.Tell(new QueryRequest(5, new GroupId(1), new ListQueues("")), TestActor);
                Assert.IsType<NotLeader>(ExpectMsg<ClientReply>(TimeSpan.FromMilliseconds(200)).Reply);
            },
            TimeSpan.FromSeconds(30));
        _gateway.Tell(new Hello(1), TestActor);
        Assert.Null(ExpectMsg<Welcome>().Groups[1].Leader);
    }

    [Fact]
    public void A_client_that_says_hello_learns_groups_leaders_and_nodes()
    {
        Start(0, 1);
        var node = new NodeAddress(new NodeId("n2"), "akka.tcp://raftqueue@n2:7001");
        _gateway.Tell(new DirectoryChanged(ImmutableDictionary<NodeId, KnownNode>.Empty.Add(node.Node, new KnownNode(node, Members.Life(node.Node)))));
        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(4), node.Node));
        _gateway.Tell(new Hello(8), TestActor);
        var welcome = ExpectMsg<Welcome>();
        Assert.Equal(8, welcome.CorrelationId);
        Assert.Equal([new GroupLeader(new GroupId(0), null), new GroupLeader(new GroupId(1), node.Node, new Term(4))], welcome.Groups.ToList());
        Assert.Equal([node], welcome.Nodes.ToList());
    }

    [Fact]
    public void Who_wants_news_is_told_of_every_new_leader_until_its_connection_is_closed()
    {
        Start(0, 1);
        var (listener, asker) = (CreateTestProbe(), CreateTestProbe());
        _gateway.Tell(new Hello(1, WantsNews: true), listener);
        _gateway.Tell(new Hello(2), asker);
        listener.ExpectMsg<Welcome>();
        asker.ExpectMsg<Welcome>();

        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(4), new NodeId("n2")));
        var news = listener.ExpectMsg<Welcome>();
        Assert.Equal((0, new GroupLeader(new GroupId(1), new NodeId("n2"), new Term(4))), (news.CorrelationId, news.Groups[1]));

        Sys.Stop(listener);
        Watch(listener);
        ExpectTerminated(listener);
        var later = CreateTestProbe();
        _gateway.Tell(new Hello(3, WantsNews: true), later);
        later.ExpectMsg<Welcome>();
        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(5), Leader: null)); // no news: whom should they ask?
        _gateway.Tell(new LeaderKnown(new GroupId(1), new Term(5), new NodeId("n3")));
        Assert.Equal(new Term(5), later.ExpectMsg<Welcome>().Groups[1].Term);
        asker.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_sign_of_life_goes_to_the_queue_host_of_its_group()
    {
        Start(0, 1);
        var alive = new KeepAlive(new GroupId(1), [new LiveSubscription(InSecond, ConsumerId.New(), 4)]);
        _gateway.Tell(alive, TestActor);
        Assert.Equal((TestActor, alive), _replicas[1].Queue.ExpectMsg<ClientIsAlive>() is var heard ? (heard.Client, heard.KeepAlive) : default);
    }

    [Fact]
    public void Every_queue_host_hears_of_a_closed_connection()
    {
        Start(0, 1);
        _gateway.Tell(new Hello(1), TestActor);
        ExpectMsg<Welcome>(); // it is there, and listens
        var gone = Address.Parse("akka.tcp://client@127.0.0.1:9");
        Sys.EventStream.Publish(new DisassociatedEvent(Address.Parse("akka.tcp://here@127.0.0.1:1"), gone, inbound: true));
        foreach (var (_, queue) in _replicas)
            Assert.Equal(gone, queue.ExpectMsg<ClientLost>().Address);
    }

    private static QueueName NameIn(int group) =>
        Enumerable.Range(0, 100).Select(number => new QueueName($"queue-{number}")).First(name => name.GroupOf(Groups).Value == group);

    private static MessageBlock LargeMessage()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        MessageView.Write(output, null, null, null, [], new byte[Bounds.MaxMessageBytes - 64]);
        return new MessageBlock(output.WrittenMemory, 1);
    }

    private static CommandRequest Request(long correlationId, ICommand command) => new(correlationId, new GroupId(0), CommandCodec.Encode(command));

    private void Start(params int[] groups)
    {
        foreach (var group in groups)
            _gateway.Tell(new GroupStarted(new GroupId(group), _replicas[group].Raft, _replicas[group].Queue));
    }

    private Refused Refusal(long correlationId)
    {
        var reply = ExpectMsg<ClientReply>();
        Assert.Equal(correlationId, reply.CorrelationId);
        return Assert.IsType<Refused>(reply.Reply);
    }
}
