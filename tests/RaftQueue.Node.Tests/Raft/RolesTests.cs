using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Peers;
using RaftQueue.Node.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>The roles as states of the FSM, and the timers that lead from one to the other.</summary>
public sealed class RolesTests() : TestKit(VirtualTime.Hocon)
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Fact]
    public void There_are_exactly_three_states() => Assert.Equal(["Follower", "Candidate", "Leader"], Enum.GetNames<Role>());

    [Fact]
    public void A_replica_wakes_as_a_follower_whatever_it_was_before()
    {
        var memory = Members.Fresh(3).Apply(new Voted(new Term(5), Members.Node(1))).Apply(new EntriesAppended([Members.Command(1, 5)]));
        var bench = new ReplicaBench(this, memory: memory);
        Assert.Equal(Role.Follower, bench.Role);
        Assert.Equal(new Term(5), bench.Replica.CurrentTerm);
        Assert.Null(bench.Replica.Leader);
        Assert.Equal(LogIndex.Zero, bench.Replica.CommitIndex);
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public void A_replica_makes_itself_known_when_it_starts()
    {
        var bench = new ReplicaBench(this);
        var started = Assert.IsType<GroupStarted>(Assert.Single(ReplicaBench.Told(bench.Node)));
        Assert.Equal((Members.Group, bench.Queue.Ref), (started.Group, started.Queue));
        Assert.Equal(bench.Fsm.Path, started.Raft.Path);
    }

    [Theory]
    [InlineData(0.0, 600)]
    [InlineData(0.5, 900)]
    [InlineData(0.75, 1050)]
    public void The_election_timeout_is_drawn_from_its_range(double draw, int milliseconds)
    {
        var bench = new ReplicaBench(this, random: () => draw);
        bench.Advance(TimeSpan.FromMilliseconds(milliseconds) - Tick);
        Assert.Equal(Role.Follower, bench.Role);
        bench.Advance(Tick);
        Assert.Equal(Role.Candidate, bench.Role);
    }

    [Fact]
    public void Each_election_timeout_is_drawn_anew()
    {
        var bench = new ReplicaBench(this);
        bench.Draw = 0;
        bench.AdvanceMilliseconds(900); // the first was drawn in the middle; the next at the lower end
        bench.Sent<RequestVote>();
        bench.AdvanceMilliseconds(600);
        Assert.Equal(2, bench.Sent<RequestVote>().Count);
    }

    [Fact]
    public void A_leader_that_is_heard_keeps_its_followers()
    {
        var bench = new ReplicaBench(this);
        for (var round = 1; round <= 50; round++)
        {
            bench.AdvanceMilliseconds(500);
            bench.Hear(2, Members.Append(term: 1, round: round));
            Assert.Equal(Role.Follower, bench.Role);
        }

        Assert.Equal(Members.Node(2), bench.Replica.Leader);
        bench.AdvanceMilliseconds(900);
        Assert.Equal(Role.Candidate, bench.Role);
    }

    [Fact]
    public void A_candidate_asks_first_and_changes_no_term_by_asking()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeCandidate();
        var requests = bench.Sent<RequestVote>();
        Assert.Equal(2, requests.Count);
        Assert.All(requests, request => Assert.Equal((new Term(1), true), (request.Term, request.IsPreVote)));
        Assert.Equal(Term.Zero, bench.Replica.CurrentTerm);
        Assert.Empty(bench.Writes());
    }

    [Fact]
    public void A_candidate_writes_its_own_vote_before_it_asks_for_others()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeCandidate();
        bench.Sent<RequestVote>();
        bench.Hear(2, Members.Granted(1, isPreVote: true));

        var vote = Assert.Single(bench.Writes());
        Assert.Equal(new Voted(new Term(1), Members.Node(1)), Assert.Single(vote.Events));
        Assert.Empty(bench.Sent<RequestVote>());
        Assert.Equal(2, vote.ThenSend.Count(envelope => envelope.Message is RequestVote { IsPreVote: false }));

        bench.Hear(2, Members.Granted(1, isPreVote: false)); // its own vote does not count before it is on disk
        Assert.Equal(Role.Candidate, bench.Role);
        bench.FinishWrites();
        Assert.Equal(Role.Leader, bench.Role);
    }

    [Fact]
    public void A_vote_leaves_only_through_the_journal()
    {
        var bench = new ReplicaBench(this);
        bench.Hear(2, new RequestVote(Members.Group, new Term(3), LogIndex.Zero, Term.Zero, IsPreVote: false, IsTransfer: false));
        Assert.Empty(bench.Sent<VoteReply>());
        var vote = Assert.Single(bench.Writes());
        Assert.Equal(new Voted(new Term(3), Members.Node(2)), Assert.Single(vote.Events));
        Assert.True(Assert.IsType<VoteReply>(Assert.Single(vote.ThenSend).Message).IsGranted);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_candidate_that_hears_a_leader_of_its_term_or_a_later_one_becomes_a_follower(long term)
    {
        var bench = new ReplicaBench(this);
        bench.BecomeCandidate();
        bench.Hear(2, Members.Granted(1, isPreVote: true));
        bench.Hear(3, Members.Append(term));
        Assert.Equal(Role.Follower, bench.Role);
        Assert.Equal((new Term(term), Members.Node(3)), (bench.Replica.CurrentTerm, bench.Replica.Leader));
    }

    [Fact]
    public void An_old_leader_that_hears_of_a_later_term_becomes_a_follower_and_falls_silent()
    {
        var bench = new ReplicaBench(this, memory: Members.Fresh(3).WithLog(term: 4));
        bench.BecomeLeader();
        Assert.Equal((Role.Leader, new Term(5)), (bench.Role, bench.Replica.CurrentTerm));
        bench.Hear(3, Members.Append(term: 8));
        Assert.Equal((Role.Follower, new Term(8)), (bench.Role, bench.Replica.CurrentTerm));
        bench.Sent<AppendEntries>();
        bench.AdvanceMilliseconds(500);
        Assert.Empty(bench.Sent<AppendEntries>());
    }

    [Fact]
    public void A_leader_speaks_to_every_follower_each_heartbeat()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader();
        bench.Acknowledge(3);
        bench.Sent<AppendEntries>();
        for (var beat = 0; beat < 5; beat++)
        {
            bench.AdvanceMilliseconds(99);
            Assert.Empty(bench.Sent<AppendEntries>());
            bench.AdvanceMilliseconds(1);
            Assert.Equal(2, bench.Sent<AppendEntries>().Count(append => append.Entries.IsEmpty));
            bench.Acknowledge(2);
        }
    }

    [Fact]
    public void A_heartbeat_that_was_on_its_way_when_leadership_ended_is_not_sent()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader();
        bench.Hear(3, Members.Append(term: 2));
        bench.Sent<AppendEntries>();
        bench.Fsm.Tell(new Input.Heartbeat());
        Assert.Equal(Role.Follower, bench.Role);
        Assert.Empty(bench.Sent<AppendEntries>());
    }

    [Fact]
    public void A_leader_that_nobody_answers_steps_down()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeLeader();
        bench.Advance(bench.Settings.MaxElectionTimeout * 2);
        Assert.NotEqual(Role.Leader, bench.Role);
        Assert.Null(bench.Replica.Leader);
    }

    [Fact]
    public void A_closed_connection_to_the_leader_hastens_the_election()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        bench.Fsm.Tell(new Input.PeerLost(Members.Node(2)));
        bench.AdvanceMilliseconds(74);
        Assert.Equal(Role.Follower, bench.Role);
        bench.AdvanceMilliseconds(1); // half of the 150 ms
        Assert.Equal(Role.Candidate, bench.Role);
    }

    [Fact]
    public void A_closed_connection_to_another_follower_hastens_nothing()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        bench.Fsm.Tell(new Input.PeerLost(Members.Node(3)));
        bench.AdvanceMilliseconds(899);
        Assert.Equal((Role.Follower, Members.Node(2)), (bench.Role, bench.Replica.Leader));
    }

    [Fact]
    public void A_follower_that_is_told_to_take_over_campaigns_at_once()
    {
        var bench = new ReplicaBench(this);
        bench.BecomeFollowerOf(2, term: 1);
        bench.Hear(2, new TimeoutNow(Members.Group, new Term(1)));
        Assert.Equal(Role.Candidate, bench.Role);
        var vote = bench.Writes()[^1];
        Assert.All(vote.ThenSend, envelope => Assert.True(Assert.IsType<RequestVote>(envelope.Message).IsTransfer));
    }

    [Fact]
    public void An_acknowledgement_leaves_only_through_the_journal()
    {
        var bench = new ReplicaBench(this);
        bench.Hear(2, Members.Append(term: 1, entries: [Members.Command(1, 1, 42)]));
        Assert.Empty(bench.Sent<AppendReply>());
        var write = bench.Writes()[^1];
        Assert.Contains(write.Events, written => written is EntriesAppended);
        Assert.Equal(new LogIndex(1), Assert.IsType<AppendReply>(Assert.Single(write.ThenSend).Message).MatchIndex);
    }

    [Fact]
    public void What_is_committed_is_handed_to_the_queue_in_order()
    {
        var bench = new ReplicaBench(this);
        bench.Hear(2, Members.Append(term: 1, entries: [Members.Command(1, 1, 1), Members.Command(2, 1, 2)]));
        Assert.Empty(ReplicaBench.Told<Committed>(bench.Queue));
        bench.Hear(2, Members.Append(term: 1, previous: 2, previousTerm: 1, commit: 2));
        Assert.Equal([1, 2], Assert.Single(ReplicaBench.Told<Committed>(bench.Queue)).Entries.Select(entry => entry.Index.Value));
    }

    [Fact]
    public void The_snapshot_of_a_leader_takes_its_way_through_the_keeper_and_the_journal_to_the_queue()
    {
        var bench = new ReplicaBench(this);
        var meta = new SnapshotMeta(new LogIndex(9), new Term(1), new LogTime(9), Members.Voters(3), 1);
        var chunk = new InstallSnapshot(Members.Group, new Term(1), meta, SnapshotCursor.Start, 1, new byte[1], 3);
        bench.Hear(2, chunk);
        Assert.Equal(chunk, Assert.Single(ReplicaBench.Told<Effect.StoreSnapshotChunk>(bench.Snapshots)).Chunk);

        bench.Writes();
        bench.Fsm.Tell(new Input.SnapshotChunkStored(meta, Next: null, Refusal: ""));
        var write = Assert.Single(bench.Writes());
        Assert.Equal(new SnapshotInstalled(meta), Assert.Single(write.Events));
        Assert.Equal(SnapshotProgress.Installed, Assert.IsType<SnapshotReply>(Assert.Single(write.ThenSend).Message).Progress);
        Assert.Equal(meta, Assert.Single(ReplicaBench.Told<RestoreMachine>(bench.Queue)).Meta);
    }

    [Fact]
    public void A_message_that_nobody_expects_changes_nothing()
    {
        var bench = new ReplicaBench(this);
        var before = bench.Replica;
        EventFilter.Warning(contains: "does not expect String").ExpectOne(() => bench.Fsm.Tell("what?"));
        Assert.Same(before, bench.Replica);
    }
}
