using Akka.Actor;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>Where messages of one pull are settled.</summary>
internal sealed class PullDesk(Pull pull, IActorRef actor, Ending ending, Caller caller) : ISettlementDesk
{
    public Task SettleAsync(Settlement settlement, CancellationToken cancellation)
    {
        var pending = new PendingSettlement(settlement);
        actor.Tell(new PullSettlement(pull, pending));
        return pending.WaitAsync(ending, cancellation);
    }

    public Task<DateTimeOffset> ExtendAsync(long sequence, long token, TimeSpan lease, CancellationToken cancellation) =>
        Extension.OfOneAsync(caller, pull.Queue, pull.Consumer, token, lease, cancellation);
}
