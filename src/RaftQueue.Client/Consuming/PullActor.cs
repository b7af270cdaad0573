using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// All pulls of a client, each a consumer of its own from its opening until nothing of it is held any more: the leader is told that they
/// are alive
/// and what was handed over, ends those that are given up, and commits what the application decides on their messages.
/// </summary>
internal sealed class PullActor : ReceiveActor
{
    private readonly IActorRef _connection;
    private readonly Caller _caller;
    private readonly Ending _ending;
    private readonly Dictionary<ConsumerId, Pull> _pulls = [];
    private readonly Dictionary<ConsumerId, Settler> _settlers = [];
    private TaskCompletionSource? _closing;

    public PullActor(IActorRef connection, Caller caller, Ending ending)
    {
        (_connection, _caller, _ending) = (connection, caller, ending);
        Receive<Opened>(opened => Join(opened.Pull));
        Receive<Over>(over => End(over.Pull, over.MayHold));
        Receive<HandedOver>(OnHandedOver);
        Receive<PullSettlement>(OnSettle);
        Receive<Answered>(OnAnswered);
        Receive<Close>(OnClose);
        Receive<EndAnswered>(OnEndAnswered);
        Receive<SubscriptionEnded>(ended => Leave(ended.Consumer));
        Receive<LeaderChanged>(_ => { }); // a pull that waits is asked for again by its call
    }

    public static Props Props(IActorRef connection, Caller caller, Ending ending) =>
        Akka.Actor.Props.Create(() => new PullActor(connection, caller, ending));

    protected override void PostStop()
    {
        var problem = new ObjectDisposedException(nameof(RaftQueueClient), "The client was disposed before the settlement of this message was confirmed.");
        foreach (var settler in _settlers.Values)
            settler.FailAll(problem);
        _ending.End(problem);
    }

    private void Join(Pull pull)
    {
        _pulls[pull.Consumer] = pull;
        _connection.Tell(new JoinConsumer(pull.Queue, pull.Consumer));
    }

    private void Leave(ConsumerId consumer)
    {
        if (_pulls.Remove(consumer))
            _connection.Tell(new LeaveConsumer(consumer));
        CloseWhenDone();
    }

    private void OnHandedOver(HandedOver message)
    {
        var (pull, tokens) = message;
        pull.Unsettled.UnionWith(tokens);
        _connection.Tell(new DeliveriesStarted(pull.Consumer, pull.StartedThrough));
        if (_closing is not null)
            End(pull, mayHold: true);
    }

    /// <summary>
    /// Ends a pull here and at the leader, whether it waits there, was just answered, or is not there at all. It is named until the leader
    /// knows:
    /// of one that is only silent nobody can tell what it had started.
    /// </summary>
    private void End(Pull pull, bool mayHold)
    {
        if (!mayHold)
            Leave(pull.Consumer);
        else if (!pull.IsEnding)
            Unsubscribe(pull);
    }

    private void Unsubscribe(Pull pull)
    {
        pull.IsEnding = true;
        var started = pull.TryEnd() || pull.Unsettled.Count == 0 ? 0 : pull.StartedThrough;
        _caller.CommandAsync(
                $"end a pull of queue '{pull.Queue}'", new Unsubscribe(pull.Queue, pull.Consumer, started), TimeSpan.Zero, CancellationToken.None)
            .PipeTo(Self, success: _ => new EndAnswered(pull, IsFinal: true), failure: problem => new EndAnswered(pull, problem is not RequestTimeoutException));
    }

    private void OnEndAnswered(EndAnswered end)
    {
        if (end.IsFinal || _closing is not null || !_pulls.ContainsKey(end.Pull.Consumer))
            Leave(end.Pull.Consumer);
        else
            Unsubscribe(end.Pull);
    }

    private void OnSettle(PullSettlement message)
    {
        if (!_settlers.TryGetValue(message.Pull.Consumer, out var settler))
            _settlers[message.Pull.Consumer] = settler = new Settler(message.Pull.Queue, message.Pull.Consumer);
        settler.Add(message.Settlement);
        SettleNext(message.Pull, settler);
    }

    private void OnAnswered(Answered answer)
    {
        var settler = _settlers[answer.Pull.Consumer];
        if (answer.Result is not null)
            answer.Pull.Unsettled.ExceptWith(settler.Complete(answer.Result));
        else
            settler.Fail(answer.Problem!);
        SettleNext(answer.Pull, settler);
    }

    private void SettleNext(Pull pull, Settler settler)
    {
        if (settler.Next(pull.StartedThrough) is { } command)
        {
            _caller.CommandAsync($"settle messages of queue '{pull.Queue}'", command, TimeSpan.Zero, CancellationToken.None)
                .PipeTo(Self, success: result => new Answered(pull, result, null), failure: problem => new Answered(pull, null, problem));
        }
        else if (settler.IsIdle)
        {
            _settlers.Remove(pull.Consumer);
            if (pull.Unsettled.Count == 0)
                Leave(pull.Consumer);
            else if (_closing is not null)
                End(pull, mayHold: true);
        }
    }

    private void OnClose(Close close)
    {
        _closing = close.Done;
        foreach (var pull in _pulls.Values.Where(pull => !_settlers.ContainsKey(pull.Consumer)).ToList())
        {
            // One that was handed over a moment ago says so next, and is ended then.
            if (pull.TryEnd() || pull.Unsettled.Count > 0)
                End(pull, mayHold: true);
        }

        CloseWhenDone();
    }

    private void CloseWhenDone()
    {
        if (_pulls.Count == 0)
            _closing?.TrySetResult();
    }

    /// <summary>A pull is about to be sent.</summary>
    internal sealed record Opened(Pull Pull);

    /// <summary>
    /// A pull was not handed over: it was answered with nothing or refused, or, where it may hold something, was cancelled or not answered.
    /// </summary>
    internal sealed record Over(Pull Pull, bool MayHold);

    /// <summary>The application has the messages of a pull.</summary>
    internal sealed record HandedOver(Pull Pull, IReadOnlyList<long> Tokens);

    /// <summary>Commit what is decided, give back the rest, and say when that is done.</summary>
    internal sealed record Close(TaskCompletionSource Done);

    private sealed record Answered(Pull Pull, CallResult? Result, Exception? Problem);

    private sealed record EndAnswered(Pull Pull, bool IsFinal);
}
