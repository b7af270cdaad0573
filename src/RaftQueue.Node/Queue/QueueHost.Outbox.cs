using Akka.Actor;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Node.Queue;

// What is on its way to other groups: the machine keeps it, the courier carries it, and what has arrived leaves by an entry of the log.
internal sealed partial class QueueHost
{
    private readonly List<(PackOutbox Ask, IActorRef Asker)> _unpacked = [];
    private readonly StuckOutboxes _stuckOutboxes = new();
    private IActorRef? _courier;

    private IActorRef Courier => _courier ??= Context.ActorOf(OutboxCourier.Props(_group, Self, OutboxCourier.GatewaysOf(Context.System)), "courier");

    private void HearCourier()
    {
        Receive<PackOutbox>(Pack);
        Receive<OutboxArrived>(Confirm);
        Receive<OutboxDelayed>(delayed => _stuckOutboxes.Note(delayed.Target, delayed.Why));
    }

    private void StartCarrying()
    {
        foreach (var target in _machine.Outboxes)
            Courier.Tell(new OutboxFilled(target));
    }

    private void StopCarrying()
    {
        _courier?.Tell(Queue.StopCarrying.Instance);
        _stuckOutboxes.Clear();
        _unpacked.Clear();
    }

    // What cannot be packed, because its first body has left memory, is packed when that is read back. Who asks again has given up the first time.
    private void Pack(PackOutbox ask)
    {
        var asker = Sender;
        _unpacked.RemoveAll(waiting => waiting.Ask.Target == ask.Target && waiting.Asker.Equals(asker));
        if (!TryPack(ask, asker))
            _unpacked.Add((ask, asker));
    }

    private void PackWhatWaits() => _unpacked.RemoveAll(waiting => TryPack(waiting.Ask, waiting.Asker));

    private bool TryPack(PackOutbox ask, IActorRef asker)
    {
        var isOver = !_isLeading || !_machine.Outboxes.Contains(ask.Target);
        var consignment = isOver ? null : _machine.Pack(ask.Target, _group, Bounds.MaxChunkBytes);
        if (isOver || consignment is not null)
        {
            asker.Tell(new OutboxPacked(ask.Number, consignment));
            return true;
        }

        foreach (var segment in _machine.SegmentsNeededByOutbox(ask.Target, Bounds.MaxChunkBytes).Take(ReadsAtOnce))
            Want(segment);
        return false;
    }

    private void Confirm(OutboxArrived arrival)
    {
        var arrived = arrival.Arrived;
        if (_isLeading)
            ProposeOwn(new ConfirmTransfer(arrived.Queue, arrived.Outbox, arrived.Through));
    }
}
