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

/// <summary>What operators ask of a replica, and what a stopping node asks.</summary>
public sealed class AdministrationTests() : TestKit(VirtualTime.Hocon)
{
    [Theory]
    [InlineData(Role.Follower)]
    [InlineData(Role.Candidate)]
    [InlineData(Role.Leader)]
    public void Every_role_tells_its_status(Role role)
    {
        var bench = new ReplicaBench(this);
        if (role == Role.Follower)
            bench.BecomeFollowerOf(2, term: 1);
        else if (role == Role.Candidate)
            bench.BecomeCandidate();
        else
            bench.BecomeLeader();
        bench.Administer(GetStatus.Instance);
        var status = ReplicaBench.Told<CompleteStatus>(bench.Queue)[^1].Status;
        Assert.Equal((Members.Node(1), role.ToString(), bench.Replica.CurrentTerm), (status.Node, status.Role, status.Term));
        Assert.Equal(role != Role.Candidate, status.IsHealthy);
        Assert.Equal(role == Role.Leader ? 2 : 0, status.Progress.Length);
    }

    [Theory]
    [InlineData(Role.Follower)]
    [InlineData(Role.Candidate)]
    public void Who_does_not_lead_has_handed_over_already(Role role)
    {
        var bench = new ReplicaBench(this);
        if (role == Role.Candidate)
            bench.BecomeCandidate();
        bench.Fsm.Tell(new HandOver(), TestActor);
        ExpectMsg(new HandedOver(Members.Group));
    }

    [Fact]
    public void A_leader_hands_over_to_a_follower_that_has_everything()
    {
        var bench = ReplicaBench.Leading(this);
        bench.Sent<TimeoutNow>();
        bench.Fsm.Tell(new HandOver(), TestActor);
        Assert.Single(bench.Sent<TimeoutNow>());
        ExpectNoMsg(TimeSpan.Zero);
        var client = bench.Propose();
        Assert.False(client.HasMessages); // it waits to be told who leads

        AskForTransferredVote(bench);
        Assert.Equal(Role.Follower, bench.Role);
        Assert.Equal(new NotLeader(Members.Group, null, OutcomeUnknown: false), ReplicaBench.Answer<NotLeader>(client));
        ExpectMsg(new HandedOver(Members.Group));
    }

    [Fact]
    public void A_hand_over_that_nobody_takes_ends_in_time()
    {
        var bench = ReplicaBench.Leading(this);
        bench.Fsm.Tell(new HandOver(), TestActor);
        for (var beat = 0; beat < 11; beat++)
        {
            bench.AdvanceMilliseconds(100);
            bench.Acknowledge(2);
        }

        ExpectMsg(new HandedOver(Members.Group));
        Assert.Equal(Role.Leader, bench.Role);
        Assert.False(bench.Propose().HasMessages); // it goes on leading
    }

    [Fact]
    public void A_transfer_is_answered_with_the_new_leader_once_that_is_heard()
    {
        var bench = ReplicaBench.Leading(this);
        var client = bench.Administer(new TransferLeadership(Members.Node(2)));
        AskForTransferredVote(bench);
        Assert.False(client.HasMessages); // not elected yet
        bench.FinishWrites();
        bench.Hear(2, Members.Append(bench.Replica.CurrentTerm.Value, previous: 1, previousTerm: 1));
        Assert.Equal(new LeadershipTransferred(Members.Node(2)), ReplicaBench.Answer<LeadershipTransferred>(client));
    }

    [Fact]
    public void A_transfer_whose_successor_is_not_elected_is_answered_with_that()
    {
        var bench = ReplicaBench.Leading(this);
        var client = bench.Administer(new TransferLeadership(Members.Node(2)));
        AskForTransferredVote(bench);
        bench.FinishWrites();
        bench.BecomeCandidate();
        Assert.Equal(RefusalCode.MembershipRefused, ReplicaBench.Answer<Refused>(client).Code);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_A_transfer_that_was_begun_and_given_up_does_not_claim_that_nothing_has_changed()
    {
        var bench = ReplicaBench.Leading(this);
        var client = bench.Administer(new TransferLeadership(Members.Node(2)));
        AskForTransferredVote(bench);
        bench.FinishWrites();
        bench.BecomeCandidate();
        Assert.True(ReplicaBench.Answer<Refused>(client).OutcomeUnknown);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_A_transfer_whose_target_was_told_and_is_silent_may_yet_happen()
    {
        var bench = ReplicaBench.Leading(this);
        var client = bench.Administer(new TransferLeadership(Members.Node(2)));
        for (var beat = 0; beat < 11; beat++)
        {
            bench.AdvanceMilliseconds(100);
            bench.Acknowledge(2);
        }

        Assert.True(ReplicaBench.Answer<Refused>(client).OutcomeUnknown);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_A_change_of_members_that_stands_in_the_log_of_a_deposed_leader_may_yet_happen()
    {
        var bench = ReplicaBench.Leading(this);
        bench.LearnAddresses(4);
        var client = bench.Administer(new AddMember(Members.Node(4)));
        bench.Hear(2, Members.Append(bench.Replica.CurrentTerm.Value + 1, previous: 1, previousTerm: 1));
        Assert.True(ReplicaBench.Answer<Refused>(client).OutcomeUnknown);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F03_A_change_of_members_that_was_never_begun_is_certainly_refused()
    {
        var bench = ReplicaBench.Leading(this);
        Assert.False(ReplicaBench.Answer<Refused>(bench.Administer(new PromoteMember(Members.Node(9)))).OutcomeUnknown);
    }

    [Fact]
    public void A_transfer_to_a_stranger_is_refused_by_name()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader();
        Assert.Contains("n9", ReplicaBench.Answer<Refused>(bench.Administer(new TransferLeadership(Members.Node(9)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_that_nobody_has_heard_of_cannot_be_added()
    {
        var bench = ReplicaBench.Leading(this);
        Assert.Contains("n4 has not been heard of", ReplicaBench.Answer<Refused>(bench.Administer(new AddMember(Members.Node(4)))).Message, StringComparison.Ordinal);
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public void A_node_that_has_introduced_itself_is_added_under_the_life_it_has()
    {
        var bench = ReplicaBench.Leading(this);
        bench.LearnAddresses(4);
        var client = bench.Administer(new AddMember(Members.Node(4)));
        bench.FinishWrites();
        Assert.False(client.HasMessages); // not committed yet
        bench.Acknowledge(2);
        var members = ReplicaBench.Answer<MembershipChanged>(client).Configuration;
        Assert.Equal(new Member(Members.Node(4), Members.Life(Members.Node(4)), MemberKind.Learner), members.Find(Members.Node(4)));
    }

    [Fact]
    public void A_stored_snapshot_lets_the_log_before_it_go()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1, Members.Command(1, 1), Members.Command(2, 1), Members.Command(3, 1));
        bench.Hear(2, Members.Append(term: 1, previous: 3, previousTerm: 1, commit: 3));
        bench.FinishWrites();
        bench.Fsm.Tell(new MachineSaved(new LogIndex(2), new LogTime(2)));
        var compacted = Assert.IsType<LogCompacted>(Assert.Single(Assert.Single(bench.Writes()).Events));
        Assert.Equal((new LogIndex(2), new LogIndex(2)), (compacted.Meta.LastIncludedIndex, compacted.CompactThrough));
        Assert.Equal(new LogIndex(3), bench.Replica.Log.FirstIndex);
    }

    [Fact]
    public void Some_of_the_log_behind_a_snapshot_is_kept_for_followers_that_are_a_little_behind()
    {
        var bench = new ReplicaBench(this, settings: Members.Settings with { KeptLogBytes = Entry.Overhead });
        bench.BecomeFollowerOf(2, term: 1, Members.Command(1, 1), Members.Command(2, 1), Members.Command(3, 1));
        bench.Hear(2, Members.Append(term: 1, previous: 3, previousTerm: 1, commit: 3));
        bench.FinishWrites();
        bench.Fsm.Tell(new MachineSaved(new LogIndex(3), new LogTime(3)));
        Assert.Equal(new LogIndex(2), Assert.IsType<LogCompacted>(Assert.Single(Assert.Single(bench.Writes()).Events)).CompactThrough);
    }

    [Fact]
    public void A_stored_snapshot_that_the_leaders_has_overtaken_changes_nothing()
    {
        var bench = new ReplicaBench(this, memory: Members.Fresh(3).Apply(new SnapshotInstalled(
            new SnapshotMeta(new LogIndex(9), new Term(1), new LogTime(9), Members.Voters(3), 1))));
        bench.Fsm.Tell(new MachineSaved(new LogIndex(5), new LogTime(5)));
        Assert.Empty(bench.Writes());
    }

    private static void AskForTransferredVote(ReplicaBench bench)
    {
        var log = bench.Replica.Log;
        bench.Hear(2, new RequestVote(
            Members.Group, bench.Replica.CurrentTerm.Next, log.LastIndex, log.LastTerm, IsPreVote: false, IsTransfer: true));
    }
}
