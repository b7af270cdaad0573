using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// Commits what the application decides on pulled messages. Each pull is a consumer of its own and is forgotten while nothing of it is on
/// its way.
/// </summary>
internal sealed class PullActor : ReceiveActor
{
    private readonly Caller _caller;
    private readonly Ending _ending;
    private readonly Dictionary<ConsumerId, Settler> _settlers = [];

    public PullActor(Caller caller, Ending ending)
    {
        (_caller, _ending) = (caller, ending);
        Receive<PullSettlement>(OnSettle);
        Receive<Answered>(OnAnswered);
    }

    public static Props Props(Caller caller, Ending ending) => Akka.Actor.Props.Create(() => new PullActor(caller, ending));

    protected override void PostStop()
    {
        var problem = new ObjectDisposedException(nameof(RaftQueueClient), "The client was disposed before this message was settled.");
        foreach (var settler in _settlers.Values)
            settler.FailAll(problem);
        _ending.End(problem);
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
            settler.Complete(answer.Result);
        else
            settler.Fail(answer.Problem!);
        SettleNext(answer.Pull, settler);
    }

    private void SettleNext(Pull pull, Settler settler)
    {
        if (settler.Next(pull.StartedThrough) is { } command)
            _caller.CommandAsync($"settle messages of queue '{pull.Queue}'", command, TimeSpan.Zero, CancellationToken.None)
                .PipeTo(Self, success: result => new Answered(pull, result, null), failure: problem => new Answered(pull, null, problem));
        else if (settler.IsIdle)
            _settlers.Remove(pull.Consumer);
    }

    private sealed record Answered(Pull Pull, CallResult? Result, Exception? Problem);
}

/// <summary>One pull, as a consumer.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Consumer">Its id.</param>
/// <param name="StartedThrough">The latest lease that it got: all of them are in the application's hands.</param>
internal sealed record Pull(QueueName Queue, ConsumerId Consumer, long StartedThrough);

/// <summary>A decision on a pulled message.</summary>
internal sealed record PullSettlement(Pull Pull, PendingSettlement Settlement);
