using Akka.Actor;
using Akka.TestKit.Xunit2;
using RaftQueue.Client;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>What a call claims about its outcome: certain only where nothing was sent, or every attempt was refused.</summary>
[Trait("Category", "Fault")]
public sealed class OutcomeTests : TestKit
{
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromMilliseconds(400);
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

    [Fact]
    public async Task F03_A_process_that_stood_still_beyond_its_request_timeout_does_not_claim_that_a_sent_request_was_not_carried_out()
    {
        // No answer, and no loss that was noticed: both come only after the call has found its time to be over.
        var problem = await FailureOf("open");

        Assert.True(problem.OutcomeUnknown);
        Assert.Contains("in 1 attempt. It may have been carried out.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task F03_A_request_that_never_left_is_certainly_not_carried_out()
    {
        var problem = await FailureOf("unsent");

        Assert.False(problem.OutcomeUnknown);
        Assert.Contains("It was not carried out. Last problem: no leader is known.", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("refused", "unsent", false)]
    [InlineData("redirected", "unsent", false)]
    [InlineData("sent", "unsent", true)]
    [InlineData("proposed", "unsent", true)]
    [InlineData("refused", "sent", true)]
    [InlineData("redirected", "open", true)]
    public async Task F03_One_attempt_whose_fate_is_open_makes_the_outcome_unknown(string first, string second, bool isUnknown) =>
        Assert.Equal(isUnknown, (await FailureOf(first, second)).OutcomeUnknown);

    [Fact]
    public async Task F03_A_final_refusal_tells_of_an_earlier_attempt_that_was_not_answered()
    {
        Assert.True((await Begin("sent", "ended").Completion.Task.InTime()).OutcomeUnknown);
        Assert.False((await Begin("redirected", "ended").Completion.Task.InTime()).OutcomeUnknown);
    }

    [Fact]
    public async Task F03_A_call_that_is_open_when_the_client_is_closed_says_what_is_known_of_it()
    {
        var connection = CreateTestProbe();
        var calls = Sys.ActorOf(CallActor.Props(connection, Pause, new Ending()));
        var call = Begin(calls, Eventually.Deadline);
        connection.ExpectMsg<Attempt>();

        Sys.Stop(calls);

        var closed = await Assert.ThrowsAsync<ObjectDisposedException>(() => call.Completion.Task.InTime());
        Assert.Contains("It may have been carried out.", closed.Message, StringComparison.Ordinal);
    }

    private Task<RequestTimeoutException> FailureOf(params string[] ends) =>
        Assert.ThrowsAsync<RequestTimeoutException>(() => Begin(ends).Completion.Task.InTime());

    private Call Begin(params string[] ends)
    {
        var connection = Sys.ActorOf(Akka.Actor.Props.Create(() => new Connection(ends)));
        return Begin(Sys.ActorOf(CallActor.Props(connection, Pause, new Ending())), RequestTimeout);
    }

    private static Call Begin(IActorRef calls, TimeSpan timeout)
    {
        var call = new Call("settle", new Target.LeaderOfGroup(default), (id, group) => new QueryRequest(id, group, new ListQueues("")), timeout, timeout);
        calls.Tell(call);
        return call;
    }

    /// <summary>
    /// Ends the attempts of a call in the ways that it is given: the last one when its time is over, those before it at once.
    /// </summary>
    private sealed class Connection : ReceiveActor
    {
        public Connection(string[] ends)
        {
            var next = 0;
            Receive<Attempt>(attempt =>
            {
                var end = ends[Math.Min(next++, ends.Length - 1)];
                if (end != "open")
                    Context.System.Scheduler.ScheduleTellOnce(next < ends.Length || end == "ended" ? TimeSpan.Zero : attempt.Timeout, Sender, End(attempt.Tag, end), Self);
            });
        }

        private static object End(long tag, string how) => how switch
        {
            "ended" => new AttemptAnswered(tag, new Refused(RefusalCode.MembershipRefused, "n4 is a member already")),
            "refused" => new AttemptAnswered(tag, new Refused(RefusalCode.Busy, "too much to do")),
            "redirected" => new AttemptAnswered(tag, new NotLeader(new GroupId(0), null, OutcomeUnknown: false)),
            "proposed" => new AttemptAnswered(tag, new NotLeader(new GroupId(0), null, OutcomeUnknown: true)),
            "sent" => new AttemptLost(tag, WasSent: true, "its connection was closed"),
            _ => new AttemptLost(tag, WasSent: false, "no leader is known"),
        };
    }
}
