using Akka.Actor;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Tests.Snapshots;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>Questions of history are answered from the log and the oldest snapshot that it follows on, beside the machine.</summary>
public sealed class HistorianTests() : TestKit(SnapshotBench.Hocon)
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private static readonly QueueName Orders = new("orders");

    [Fact]
    public void While_the_whole_log_is_kept_history_reaches_back_to_its_beginning_and_no_further_than_what_is_committed()
    {
        var bench = Filled(10);
        var historian = Sys.ActorOf(Historian.Props(bench.Keeper));
        var explained = Explained(historian, bench.Log, sequence: 5, through: new LogIndex(8));
        Assert.Equal((LogIndex.Zero, new LogIndex(8), MessageStanding.Ready), (explained.Since, explained.Through, explained.Now));
        Assert.Equal(new LogIndex(6), Assert.Single(explained.Events).Index);
        Assert.Equal(RefusalCode.OutOfBounds, Assert.IsType<Refused>(Ask(historian, bench.Log, sequence: 8, through: new LogIndex(8))).Code);
    }

    [Fact]
    public void History_begins_at_the_oldest_snapshot_that_the_log_follows_on()
    {
        var bench = Filled(10);
        var first = bench.Meta;
        bench.Save(bench.Machine.Capture());
        bench.Enqueue(10, bytes: 40_000);
        var second = bench.Meta;
        bench.Save(bench.Machine.Capture());
        bench.Enqueue(10, bytes: 40_000);
        var historian = Sys.ActorOf(Historian.Props(bench.Keeper));

        var compacted = bench.Log.Compact(second, through: new LogIndex(5));
        bench.Tell(new Compacted(compacted.FirstIndex.Previous));
        var explained = Explained(historian, compacted, sequence: 15);
        Assert.Equal((first.LastIncludedIndex, MessageStanding.NotEnqueued), (explained.Since, explained.Before));
        Assert.Equal(MessageEventKind.Enqueued, Assert.Single(explained.Events).Kind);

        compacted = compacted.Compact(second, through: first.LastIncludedIndex.Next);
        bench.Tell(new Compacted(compacted.FirstIndex.Previous));
        explained = Explained(historian, compacted, sequence: 15);
        Assert.Equal((second.LastIncludedIndex, MessageStanding.Ready), (explained.Since, explained.Before));
        Assert.Empty(explained.Events);
        Assert.Single(Explained(historian, compacted, sequence: 25).Events);
    }

    [Fact]
    public void A_question_that_cannot_be_answered_is_refused_with_the_reason_and_the_next_one_is_answered()
    {
        var bench = Filled(10);
        var historian = Sys.ActorOf(Historian.Props(bench.Keeper));
        var refused = Assert.IsType<Refused>(Ask(historian, bench.Log.Compact(bench.Meta, bench.Meta.LastIncludedIndex), sequence: 1));
        Assert.Equal(RefusalCode.Busy, refused.Code);
        Assert.Contains("No snapshot at or after index 11", refused.Message, StringComparison.Ordinal);
        Assert.Equal(11, Explained(historian, bench.Log, sequence: 1).Through.Value);
    }

    [Fact]
    public void Beyond_a_few_waiting_questions_one_is_told_to_come_again()
    {
        var bench = Filled(1);
        var compacted = bench.Log.Compact(bench.Meta, bench.Meta.LastIncludedIndex);
        var historian = Sys.ActorOf(Historian.Props(CreateTestProbe())); // a keeper that does not answer
        for (var i = 1; i <= 18; i++)
            historian.Tell(Question(compacted, 1, compacted.LastIndex, i), TestActor);
        var answer = ExpectMsg<ClientReply>(Deadline);
        Assert.Equal((18, RefusalCode.Busy), (answer.CorrelationId, Assert.IsType<Refused>(answer.Reply).Code));
    }

    private SnapshotBench Filled(int messages)
    {
        var bench = new SnapshotBench(this);
        bench.Declare();
        bench.Enqueue(messages, bytes: 40_000);
        return bench;
    }

    private Explained Explained(IActorRef historian, Log log, long sequence, LogIndex? through = null) =>
        Assert.IsType<Explained>(Ask(historian, log, sequence, through));

    private IReply Ask(IActorRef historian, Log log, long sequence, LogIndex? through = null)
    {
        historian.Tell(Question(log, sequence, through ?? log.LastIndex, 1), TestActor);
        return ExpectMsg<ClientReply>(Deadline).Reply;
    }

    private Replay Question(Log log, long sequence, LogIndex through, long correlationId) =>
        new(new TellHistory(new Origin(TestActor, correlationId), new ExplainMessage(Orders, sequence), log), through);
}
