using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>Decisions on their way to be committed.</summary>
internal sealed partial class ConsumerActor
{
    private readonly Settler _settler;
    private bool _isSettleDue;

    private void Settle()
    {
        Receive<PendingSettlement>(settlement =>
        {
            _settler.Add(settlement);
            if (_isSettleDue)
                return;
            // What is already behind it in the mailbox goes along: decisions come in bursts.
            _isSettleDue = true;
            Self.Tell(SettleDue.Instance);
        });
        Receive<SettleDue>(_ =>
        {
            _isSettleDue = false;
            SettleNext();
            UnsubscribeWhenSettled();
        });
        Receive<SettleAnswered>(answer =>
        {
            if (answer.Result is not null)
                Forget(_settler.Complete(answer.Result));
            else
                _settler.Fail(answer.Problem!);
            SettleNext();
            UnsubscribeWhenSettled();
        });
    }

    /// <summary>A delivery that the application never gets. Where this fails, it ends with its lease.</summary>
    private void Return(in Delivery delivery)
    {
        var settlement = new PendingSettlement(new Settlement(SettlementKind.Return, delivery.Sequence, delivery.Token, ""));
        settlement.Unobserve();
        Self.Tell(settlement);
    }

    private void SettleNext()
    {
        if (_settler.Next(_buffer.StartedThrough) is not { } command)
            return;
        _caller.CommandAsync($"settle messages of queue '{_settings.Queue}'", command, TimeSpan.Zero, _stopped.Token)
            .PipeTo(Self, success: result => new SettleAnswered(result, null), failure: problem => new SettleAnswered(null, problem));
    }

    private sealed record SettleDue
    {
        public static readonly SettleDue Instance = new();
    }

    private sealed record SettleAnswered(CallResult? Result, Exception? Problem);
}
