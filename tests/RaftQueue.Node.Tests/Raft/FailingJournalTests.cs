using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Wire;
using Xunit;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.Node.Tests.Raft;

/// <summary>A disk that fails, at any of its calls: the replica speaks of nothing that it may not remember, stops whole, and comes back with what is really there.</summary>
public sealed class FailingJournalTests
{
    private const int Writes = 4;

    public static TheoryData<JournalFault, int> EveryFaultAtEveryCall()
    {
        var cases = new TheoryData<JournalFault, int>();
        foreach (var fault in new[] { JournalFault.Fails, JournalFault.FailsAfterWriting, JournalFault.Rejects, JournalFault.OpensItsBreaker })
        {
            for (var call = 1; call <= 1 + Writes; call++)
                cases.Add(fault, call);
        }

        return cases;
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [MemberData(nameof(EveryFaultAtEveryCall))]
    public async Task Pitfall_21_a_disk_error_stops_the_replica_and_it_comes_back_with_what_is_on_disk(JournalFault fault, int call)
    {
        var (bench, script) = JournalBench.Scripted();
        await using (bench)
        {
            script.At(call, fault);
            bench.Start();
            if (call == 1)
            {
                AssertSame(Memory.Empty, bench.ExpectStart().Memory); // it was started by the second attempt
                return;
            }

            var first = bench.ExpectStart();
            bench.Starts.Watch(first.Child);
            var (replica, failing) = (new Rememberer(first), call - 1);
            var memories = new List<Memory> { replica.Memory };
            for (var write = 1; write <= failing; write++)
            {
                replica.Append(Rememberer.Acknowledgement(write));
                memories.Add(replica.Memory);
                if (write == failing)
                    break;
                Assert.Equal(write, bench.Raft.ExpectMsg<Remembered>(JournalBench.Deadline).Number);
                Assert.Equal(write, Round(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline)));
            }

            bench.Starts.ExpectTerminated(first.Child, JournalBench.Deadline);
            var second = bench.ExpectStart();
            Assert.NotEqual(first.Journal, second.Journal);
            AssertSame(memories[fault == JournalFault.FailsAfterWriting ? failing : failing - 1], second.Memory);
            Assert.False(bench.Peers.HasMessages, "Something was acknowledged that was not known to be written.");
            Assert.False(bench.Raft.HasMessages, "The replica was told that something was remembered.");
        }
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Pitfall_08_a_write_that_never_ends_acknowledges_nothing(int write)
    {
        var (bench, script) = JournalBench.Scripted();
        await using (bench)
        {
            script.At(1 + write, JournalFault.Stalls);
            bench.Start();
            var replica = new Rememberer(bench.ExpectStart());
            for (var i = 1; i < write; i++)
            {
                replica.Append(Rememberer.Acknowledgement(i));
                Assert.Equal(i, Round(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline)));
                bench.Raft.ExpectMsg<Remembered>(JournalBench.Deadline);
            }

            replica.Append(Rememberer.Acknowledgement(write));
            replica.Remember([], Rememberer.Acknowledgement(write + 1)); // waits behind it
            await bench.Kit.AwaitConditionAsync(() => Task.FromResult(script.Calls == 1 + write), JournalBench.Deadline);
            bench.Peers.ExpectNoMsg(TimeSpan.FromMilliseconds(300));
            Assert.False(bench.Raft.HasMessages);
        }
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_21_a_disk_error_is_loud()
    {
        var (bench, script) = JournalBench.Scripted();
        await using (bench)
        {
            script.At(2, JournalFault.Fails);
            bench.Start();
            var replica = new Rememberer(bench.ExpectStart());
            await bench.Kit.EventFilter.Error(contains: "cannot write its journal: No space left on device").ExpectAsync(1, JournalBench.Deadline, () =>
            {
                replica.Append();
                return Task.CompletedTask;
            });
        }
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(JournalFault.Fails)]
    [InlineData(JournalFault.FailsAfterWriting)]
    [InlineData(JournalFault.Rejects)]
    public async Task Pitfall_01_a_crash_at_the_vote_never_leads_to_two_votes_in_a_term(JournalFault fault)
    {
        var (bench, script) = JournalBench.Scripted();
        await using (bench)
        {
            script.At(2, fault); // the first is the beginning of the group, the second the vote
            var replicas = new ReplicasUnderTest(bench);
            bench.Start(replicas.Start);
            var first = replicas.Expect();
            first.Tell(VoteFor(2, term: 3));
            var second = replicas.Expect(); // it failed, and is there again
            Assert.False(bench.Peers.HasMessages);
            second.Tell(VoteFor(3, term: 3));

            // What was written counts, what was not is forgotten; either way there is one vote.
            var reply = Assert.IsType<VoteReply>(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message);
            Assert.Equal(fault != JournalFault.FailsAfterWriting, reply.IsGranted);
        }
    }

    /// <summary>Messages that reach each handler that comes to the rules.</summary>
    public static TheoryData<string> EveryHandler => ["append", "vote", "election timeout", "peer lost", "written", "chunk stored", "snapshot saved", "heartbeat answer"];

    [Theory]
    [Trait("Category", "Pitfall")]
    [MemberData(nameof(EveryHandler))]
    public async Task Pitfall_02_a_replica_that_fails_in_any_handler_keeps_its_vote(string handler)
    {
        var (bench, _) = JournalBench.Scripted();
        await using (bench)
        {
            var replicas = new ReplicasUnderTest(bench);
            bench.Start(replicas.Start);
            var first = replicas.Expect();
            first.Tell(VoteFor(2, term: 3));
            Assert.True(Assert.IsType<VoteReply>(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).IsGranted);

            if (handler != "snapshot saved") // a snapshot of what was never applied breaks by itself
                replicas.Time.BreakOnce();
            first.Tell(MessageFor(handler));
            bench.Starts.Watch(first);
            bench.Starts.ExpectTerminated(first, JournalBench.Deadline);

            var second = replicas.Expect();
            second.Tell(VoteFor(3, term: 3));
            Assert.False(Assert.IsType<VoteReply>(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).IsGranted);
            second.Tell(VoteFor(2, term: 3)); // the same candidate hears the same again
            Assert.True(Assert.IsType<VoteReply>(bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline).Message).IsGranted);
        }
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_02_a_broken_promise_of_raft_stops_the_replica_before_it_speaks()
    {
        var (bench, _) = JournalBench.Scripted();
        await using (bench)
        {
            var replicas = new ReplicasUnderTest(bench);
            bench.Start(replicas.Start);
            var first = replicas.Expect();
            first.Tell(From(2, Members.Append(term: 3)));
            bench.Peers.ExpectMsg<Envelope>(JournalBench.Deadline);
            await bench.Kit.EventFilter.Error(contains: "Election Safety is broken").ExpectAsync(1, JournalBench.Deadline, () =>
            {
                first.Tell(From(3, Members.Append(term: 3))); // a second leader of one term
                return Task.CompletedTask;
            });
            replicas.Expect();
            Assert.False(bench.Peers.HasMessages);
        }
    }

    private static object MessageFor(string handler) => handler switch
    {
        "append" => From(2, Members.Append(term: 3)),
        "vote" => VoteFor(3, term: 4),
        "election timeout" => new Input.ElectionTimeout(),
        "peer lost" => new Input.PeerLost(Members.Node(2)),
        "written" => new Remembered(99, default),
        "chunk stored" => new Input.SnapshotChunkStored(SnapshotMeta.Origin(Members.Voters(3)), null, ""),
        "snapshot saved" => new Node.Queue.MachineSaved(new LogIndex(1), LogTime.Zero),
        "heartbeat answer" => From(2, Members.Accepted(3, 0, 1)),
        _ => throw new ArgumentOutOfRangeException(nameof(handler), handler, "No such handler."),
    };

    private static Envelope VoteFor(int candidate, long term) => From(
        candidate, new RequestVote(Members.Group, new Term(term), LogIndex.Zero, Term.Zero, IsPreVote: false, IsTransfer: false));

    private static Envelope From(int node, IPeerMessage message) => new(
        Members.Node(node), Members.Life(Members.Node(node)), Members.Node(1), Members.Life(Members.Node(1)), message);

    private static long Round(Envelope envelope) => ((AppendReply)envelope.Message).Round;

    private static void AssertSame(Memory expected, Memory actual) =>
        Assert.Equal(ValueText.Of(expected.ToCheckpoint()), ValueText.Of(actual.ToCheckpoint()));

    /// <summary>Real replicas under the journal; a campaign of their own is far away, and their clock can be broken so that whatever asks for the time next fails.</summary>
    private sealed class ReplicasUnderTest(JournalBench bench)
    {
        private static readonly TimeSpan Never = TimeSpan.FromHours(1);

        public BreakableTime Time { get; } = new();

        public StartReplica Start => (memory, context) =>
        {
            var settings = Members.Settings with { MinElectionTimeout = Never, MaxElectionTimeout = Never * 2 };
            var others = bench.System.DeadLetters;
            var neighbours = new RaftNeighbours(context.Self, bench.Peers, others, others, others, others);
            var time = Time;
            var raft = context.ActorOf(Props.Create(() => new RaftActor(Members.Identity(1), memory, settings, neighbours, time, () => 0)), "raft");
            bench.Starts.Tell(new ReplicaStarted(memory, context.Self, raft));
            return new ReplicaActors(raft, others, others);
        };

        public IActorRef Expect() => bench.Starts.FishForMessage<ReplicaStarted>(_ => true, JournalBench.Deadline).Child;
    }

    private sealed class BreakableTime : TimeProvider
    {
        private int _breaks;

        public void BreakOnce() => Volatile.Write(ref _breaks, 1);

        public override long GetTimestamp() => Interlocked.Exchange(ref _breaks, 0) == 1
            ? throw new InvalidOperationException("The clock is broken")
            : base.GetTimestamp();
    }
}
