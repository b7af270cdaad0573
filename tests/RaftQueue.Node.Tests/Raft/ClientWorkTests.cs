using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>What clients ask: only the leader does it, in batches, within bounds, and never without an answer.</summary>
public sealed class ClientWorkTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly ListQueues Question = new("");
    private static readonly Settle Settlement = new(new QueueName("q"), ConsumerId.New(), 0, []);

    [Fact]
    public void All_writes_go_through_the_leader_and_a_follower_redirects()
    {
        var bench = new ReplicaBench(this);
        bench.LearnAddresses(3);
        bench.BecomeFollowerOf(2, term: 1);
        var answer = ReplicaBench.Answer<NotLeader>(bench.Propose());
        Assert.Equal(new NotLeader(Members.Group, ReplicaBench.AddressOf(Members.Node(2)), OutcomeUnknown: false), answer);
        Assert.Equal(answer, ReplicaBench.Answer<NotLeader>(bench.Ask(Question)));
        Assert.Equal(answer, ReplicaBench.Answer<NotLeader>(bench.Administer(new RemoveMember(Members.Node(3)))));
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public void A_candidate_knows_nobody_to_ask_instead()
    {
        var bench = new ReplicaBench(this);
        bench.LearnAddresses(3);
        bench.BecomeFollowerOf(2, term: 1);
        bench.BecomeCandidate();
        Assert.Equal(new NotLeader(Members.Group, null, OutcomeUnknown: false), ReplicaBench.Answer<NotLeader>(bench.Propose()));
    }

    [Fact]
    public void The_gateway_hears_who_leads()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        Assert.Equal(Members.Node(2), ReplicaBench.Told<Node.Gateway.LeaderKnown>(bench.Gateway)[^1].Leader);
        bench.BecomeLeader();
        Assert.Equal(Members.Node(1), ReplicaBench.Told<Node.Gateway.LeaderKnown>(bench.Gateway)[^1].Leader);
    }

    [Fact]
    public void What_arrives_while_a_write_is_in_flight_goes_into_the_next_one_together()
    {
        var bench = ReplicaBench.Leading(this);
        ReplicaBench.Told(bench.Queue);

        bench.Propose(); // goes at once
        var first = Assert.Single(bench.Writes());
        Assert.Single(Assert.IsType<EntriesAppended>(Assert.Single(first.Events)).Entries);
        for (var i = 0; i < 4; i++)
            bench.Propose();
        Assert.Empty(bench.Writes());

        bench.Fsm.Tell(new Remembered(first.Number, first.Mark));
        var second = Assert.Single(bench.Writes());
        Assert.Equal(4, Assert.IsType<EntriesAppended>(Assert.Single(second.Events)).Entries.Length);
        Assert.Equal([1, 4], ReplicaBench.Told<Proposed>(bench.Queue).Select(proposed => proposed.Commands.Length));
    }

    [Fact]
    public void A_batch_is_bounded_and_keeps_the_order()
    {
        var bench = ReplicaBench.Leading(this); // batches of 64 bytes
        bench.Propose(1);
        foreach (var bytes in new[] { 30, 30, 30, 100, 1 })
            bench.Propose(bytes);
        var sizes = bench.FinishWrites()
            .Select(write => string.Join("+", write.Events.OfType<EntriesAppended>().SelectMany(appended => appended.Entries).Select(entry => entry.Payload.Length)));
        Assert.Equal(["1", "30+30", "30", "100", "1"], sizes);
    }

    [Fact]
    public void A_settlement_among_other_commands_shares_the_write_of_the_next()
    {
        var bench = ReplicaBench.Leading(this);
        ReplicaBench.Told(bench.Queue);

        bench.Propose();
        bench.FinishWrites();
        bench.Propose(10, Settlement);
        Assert.Empty(bench.Writes());
        bench.Propose();
        Assert.Single(bench.FinishWrites());
        Assert.Equal([1, 2], ReplicaBench.Told<Proposed>(bench.Queue).Select(proposed => proposed.Commands.Length));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_settlement_that_nothing_follows_is_written_after_a_moment(bool isWriteInFlight)
    {
        var bench = ReplicaBench.Leading(this);

        bench.Propose();
        if (!isWriteInFlight)
            bench.FinishWrites();
        bench.Propose(10, Settlement);
        bench.AdvanceMilliseconds(1);
        Assert.Equal(isWriteInFlight ? 2 : 1, bench.FinishWrites().Count);
    }

    [Fact]
    public void A_settlement_is_written_at_once_where_nothing_else_is_going_on()
    {
        var bench = ReplicaBench.Leading(this);
        bench.Propose(10, Settlement);
        Assert.Single(bench.Writes());
    }

    [Fact]
    public void Beyond_the_bound_of_what_waits_the_node_is_busy_at_once()
    {
        var bench = ReplicaBench.Leading(this); // 256 bytes may wait
        bench.Propose(10);
        var waiting = bench.Propose(250);
        var refused = ReplicaBench.Answer<Refused>(bench.Propose(7));
        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("256 bytes", refused.Message, StringComparison.Ordinal);
        Assert.False(waiting.HasMessages);

        bench.FinishWrites();
        Assert.False(bench.Propose(7).HasMessages); // there is room again
    }

    [Fact]
    public void Beyond_the_bound_of_what_is_uncommitted_the_node_is_busy()
    {
        var bench = ReplicaBench.Leading(this);
        while (bench.Replica.Leadership!.UncommittedBytes < bench.Settings.Rules.MaxUncommittedBytes)
        {
            bench.Propose(200);
            bench.FinishWrites();
        }

        Assert.Equal(RefusalCode.Busy, ReplicaBench.Answer<Refused>(bench.Propose(1)).Code);
        bench.Acknowledge(2);
        Assert.False(bench.Propose(1).HasMessages);
    }

    [Fact]
    public void When_leadership_is_lost_nobody_is_left_waiting()
    {
        var bench = new ReplicaBench(this);
        bench.LearnAddresses(3);
        bench.BecomeLeader();
        bench.FinishWrites();
        var proposed = bench.Propose();
        var waiting = bench.Propose();
        var reading = bench.Ask(Question);
        ReplicaBench.Told(bench.Queue);
        bench.Hear(3, Members.Append(term: 9));

        var there = ReplicaBench.AddressOf(Members.Node(3));
        Assert.Equal(new NotLeader(Members.Group, there, OutcomeUnknown: false), ReplicaBench.Answer<NotLeader>(waiting)); // never left this node
        Assert.Equal(new NotLeader(Members.Group, there, OutcomeUnknown: false), ReplicaBench.Answer<NotLeader>(reading));
        Assert.False(proposed.HasMessages); // the queue host answers those that stand in the log
        Assert.Equal(new NotLeader(Members.Group, there, OutcomeUnknown: true), Assert.Single(ReplicaBench.Told<StopLeading>(bench.Queue)).Redirect);
    }

    [Fact]
    public void A_command_that_waited_in_one_leadership_is_not_proposed_in_the_next()
    {
        var bench = ReplicaBench.Leading(this);
        bench.Propose();
        var waiting = bench.Propose(250);
        bench.Hear(3, Members.Append(term: 9));
        ReplicaBench.Answer<NotLeader>(waiting);
        bench.BecomeLeader();
        bench.FinishWrites();
        var log = bench.Replica.Log;
        Assert.Equal(Role.Leader, bench.Role);
        Assert.Single(log.Range(log.FirstIndex, log.LastIndex), entry => entry.Kind == EntryKind.Command); // the one that was on its way to the disk

        bench.Propose(10);
        Assert.False(bench.Propose(250).HasMessages); // nor does it take up room
    }

    [Fact]
    public void A_read_goes_to_the_queue_when_a_majority_has_proved_the_leadership()
    {
        var bench = ReplicaBench.Leading(this);
        ReplicaBench.Told(bench.Queue);
        bench.Ask(Question);
        Assert.Empty(ReplicaBench.Told<AskQuery>(bench.Queue));
        bench.Acknowledge(2);
        Assert.Equal(Question, Assert.Single(ReplicaBench.Told<AskQuery>(bench.Queue)).Query);
    }

    [Fact]
    public void A_read_waits_for_the_no_op_of_its_leader()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader(establish: false);
        bench.Ask(Question);
        bench.Acknowledge(3); // on n3's disk, not on our own: no majority yet
        Assert.Empty(ReplicaBench.Told<AskQuery>(bench.Queue));
        bench.FinishWrites();
        bench.Acknowledge(3);
        var told = ReplicaBench.Told(bench.Queue);
        Assert.Equal([typeof(Committed), typeof(StartLeading), typeof(AskQuery)], told.Select(message => message.GetType()).Distinct());
    }
}
