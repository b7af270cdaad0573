using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Node.Queue;

// What is on its way to other groups: the machine keeps it, the courier carries it, and what has arrived leaves by an entry of the log.
internal sealed partial class QueueHost
{
    private IActorRef? _courier;

    private IActorRef Courier => _courier ??= Context.ActorOf(OutboxCourier.Props(_group, Self, OutboxCourier.GatewaysOf(Context.System)), "courier");

    private void HearCourier()
    {
        Receive<PackOutbox>(Pack);
        Receive<OutboxArrived>(Confirm);
    }

    private void StartCarrying()
    {
        foreach (var target in _machine.Outboxes)
            Courier.Tell(new OutboxFilled(target));
    }

    private void StopCarrying() => _courier?.Tell(Queue.StopCarrying.Instance);

    private void Pack(PackOutbox ask)
    {
        if (!_isLeading || !_machine.Outboxes.Contains(ask.Target))
            Sender.Tell(new OutboxPacked(ask.Number, null));
        else if (_machine.Pack(ask.Target, _group, Bounds.MaxChunkBytes) is { } consignment)
            Sender.Tell(new OutboxPacked(ask.Number, consignment));
        else
            _log.Debug("Group {0}: the first body in the outbox for queue {1} is not in memory; the courier asks again", _group, ask.Target);
    }

    private void Confirm(OutboxArrived arrival)
    {
        var arrived = arrival.Arrived;
        if (_isLeading)
            ProposeOwn(new ConfirmTransfer(arrived.Queue, arrived.Outbox, arrived.Through));
    }
}
