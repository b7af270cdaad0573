using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>What waits in an outbox is sent until it has arrived, under virtual time.</summary>
public sealed class OutboxCourierTests : TestKit
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly QueueName Dead = new("dead");
    private static readonly GroupId Target = new(1);
    private static readonly NodeAddress Leader = new(new NodeId("n2"), "akka.tcp://raftqueue@n2:7001");
    private readonly TestProbe _host, _gateway, _leader;
    private readonly IActorRef _courier;

    public OutboxCourierTests()
        : base(VirtualTime.Hocon)
    {
        (_host, _gateway, _leader) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        _host.IgnoreMessages(message => message is OutboxDelayed);
        ICanTell here = _gateway.Ref, there = _leader.Ref;
        var host = _host.Ref;
        _courier = Sys.ActorOf(OutboxCourier.Props(Members.Group, host, node => node is null ? here : there));
    }

    [Fact]
    public void A_consignment_goes_through_the_own_gateway_and_what_arrived_is_told_to_the_host()
    {
        var request = Send();
        Assert.Equal(Target, request.Group);
        Assert.Equal(Transfer.Origins.Single(), Assert.IsType<Transfer>(CommandCodec.Decode(request.Command)).Origins.Single());

        Answer(request, new Transferred(Dead, 7, 1));

        Assert.Equal(new Transferred(Dead, 7, 1), _host.ExpectMsg<OutboxArrived>(Deadline).Arrived);
        _courier.Tell(new OutboxFilled(Dead)); // more waits: the confirmation was applied
        _host.ExpectMsg<PackOutbox>(Deadline);
    }

    [Fact]
    public void A_redirect_is_followed_at_once_and_its_end_is_not()
    {
        var request = Send();
        Answer(request, new NotLeader(Target, Leader, OutcomeUnknown: false));
        Assert.Equal(request, _leader.ExpectMsg<CommandRequest>(Deadline));
        Answer(request, new NotLeader(Target, null, OutcomeUnknown: true));
        Quiet();
        Advance(TimeSpan.FromMilliseconds(100));
        _host.ExpectMsg<PackOutbox>(Deadline);
    }

    [Fact]
    public void Nodes_that_send_it_to_one_another_for_ever_do_not_keep_it_running()
    {
        var request = Send();
        for (var i = 0; i < 3; i++)
        {
            Answer(request, new NotLeader(Target, Leader, OutcomeUnknown: false));
            _leader.ExpectMsg<CommandRequest>(Deadline);
        }

        Answer(request, new NotLeader(Target, Leader, OutcomeUnknown: false));
        Quiet();
    }

    [Fact]
    public void A_refusal_is_tried_again_after_pauses_that_grow_to_ten_seconds_and_is_told_of_once()
    {
        var request = Send();
        var full = new Refused(RefusalCode.QueueFull, "Queue 'dead' is full");
        EventFilter.Warning(contains: "Queue 'dead' is full").ExpectOne(() =>
        {
            foreach (var pause in new[] { 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10 })
            {
                Answer(request, full);
                Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
                Quiet();
                Advance(TimeSpan.FromMilliseconds(1));
                request = PackAgain();
            }
        });
    }

    [Fact]
    public void What_is_not_answered_is_packed_and_sent_again_and_a_late_answer_counts_for_nothing()
    {
        var request = Send();
        Advance(TimeSpan.FromSeconds(5));
        Advance(TimeSpan.FromMilliseconds(100));
        var again = PackAgain();
        Assert.NotEqual(request.CorrelationId, again.CorrelationId);
        Answer(request, new Transferred(Dead, 7, 1));
        Quiet();
        Answer(again, new Transferred(Dead, 7, 1));
        _host.ExpectMsg<OutboxArrived>(Deadline);
    }

    [Fact]
    public void What_arrived_and_is_not_confirmed_is_looked_at_again()
    {
        Answer(Send(), new Transferred(Dead, 7, 1));
        _host.ExpectMsg<OutboxArrived>(Deadline);
        Quiet();
        Advance(TimeSpan.FromSeconds(5));
        _host.ExpectMsg<PackOutbox>(Deadline);
    }

    [Fact]
    public void Only_a_few_consignments_travel_at_a_time_and_the_next_goes_when_one_has_arrived()
    {
        for (var i = 0; i < 10; i++)
            _courier.Tell(new OutboxFilled(new QueueName($"dead-{i}")));
        var asked = Enumerable.Range(0, 8).Select(_ => _host.ExpectMsg<PackOutbox>(Deadline)).ToList();
        Quiet();
        _courier.Tell(new OutboxPacked(asked[0].Number, null));
        Assert.Equal(new QueueName("dead-8"), _host.ExpectMsg<PackOutbox>(Deadline).Target);
    }

    [Fact]
    public void A_leader_that_steps_down_carries_nothing_any_more()
    {
        var request = Send();
        _courier.Tell(StopCarrying.Instance);
        Answer(request, new Transferred(Dead, 7, 1));
        Advance(TimeSpan.FromSeconds(20));
        Quiet();
    }

    private static Transfer Transfer { get; } = new(
        Dead,
        Members.Group,
        7,
        new MessageBlock(new byte[] { 0, 0, 0 }, 1),
        [new DeadLetter(1, new QueueName("orders"), 4, LogTime.Zero, 1, DeadLetterCause.Rejected, "bad")]);

    private CommandRequest Send()
    {
        _courier.Tell(new OutboxFilled(Dead));
        return Pack(_host.ExpectMsg<PackOutbox>(Deadline));
    }

    private CommandRequest Pack(PackOutbox ask)
    {
        Assert.Equal(Dead, ask.Target);
        _courier.Tell(new OutboxPacked(ask.Number, new Consignment(Target, Transfer)));
        return _gateway.ExpectMsg<CommandRequest>(Deadline);
    }

    // A retry goes to whichever node's turn it is.
    private CommandRequest PackAgain()
    {
        _courier.Tell(new OutboxPacked(_host.ExpectMsg<PackOutbox>(Deadline).Number, new Consignment(Target, Transfer)));
        _courier.Tell(new Welcome(_gateway.ExpectMsg<Hello>(Deadline).CorrelationId, [], [Leader]));
        return _leader.ExpectMsg<CommandRequest>(Deadline);
    }

    private void Answer(CommandRequest request, IReply reply) => _courier.Tell(new ClientReply(request.CorrelationId, reply));

    // Whatever it was told is done when it has answered this; so nothing more is on its way.
    private void Quiet()
    {
        var identity = CreateTestProbe();
        _courier.Tell(new Identify(1), identity);
        identity.ExpectMsg<ActorIdentity>(Deadline);
        Assert.False(_host.HasMessages);
        Assert.False(_gateway.HasMessages);
        Assert.False(_leader.HasMessages);
    }

    private void Advance(TimeSpan span)
    {
        var identity = CreateTestProbe();
        _courier.Tell(new Identify(1), identity);
        identity.ExpectMsg<ActorIdentity>(Deadline);
        ((TestScheduler)Sys.Scheduler).Advance(span);
    }
}
