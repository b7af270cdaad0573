using Akka.Actor;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

// What only the leader's host does: it performs effects, keeps log time going, and notices that clients are gone.
internal sealed partial class QueueHost
{
    private void Attach(ProposeCommand proposal)
    {
        switch (proposal.Command)
        {
            case Subscribe subscribe:
                _subscriptions.Attach(subscribe.Queue, subscribe.Consumer, proposal.Origin, isPull: false, Now);
                break;
            case Contracts.Queue.Receive receive:
                _subscriptions.Attach(receive.Queue, receive.Consumer, proposal.Origin, isPull: true, Now);
                break;
        }
    }

    private void Perform(QueueEffect effect)
    {
        switch (effect)
        {
            case QueueEffect.Push push:
                _subscriptions.Post(push.Queue, push.Consumer, push.Leases);
                break;
            case QueueEffect.Answer answer:
                if (_subscriptions.Find(answer.Queue, answer.Consumer) is { IsPull: true } pull)
                    pull.Origin.Answer(new Received(answer.Queue, answer.Consumer, Pack(answer.Leases)), Self);
                break;
            case QueueEffect.EndSubscription end:
                EndSubscription(end);
                break;
            default:
                throw new InvalidOperationException($"No way to perform {effect}.");
        }
    }

    // Deliveries of one turn travel together, in frames that leave room for others.
    private void Send(Subscription subscription)
    {
        var from = 0;
        while (from < subscription.Outbox.Count)
        {
            var count = CountThatFit(subscription.Outbox, from);
            var deliveries = Pack(subscription.Outbox.GetRange(from, count));
            subscription.Origin.Client.Tell(new Deliver(subscription.Queue, subscription.Consumer, deliveries), Self);
            from += count;
        }
    }

    private static int CountThatFit(List<Lease> leases, int from)
    {
        long bytes = 0;
        var count = 0;
        while (from + count < leases.Count && (count == 0 || bytes + leases[from + count].Body.Length <= Bounds.MaxChunkBytes))
            bytes += leases[from + count++].Body.Length;
        return count;
    }

    private DeliveryBlock Pack(IReadOnlyList<Lease> leases) => DeliveryBlock.Of([.. leases.Select(lease =>
        _machine.TryGetBody(lease.Body, out var message)
            ? new Delivery(lease.Sequence, lease.Token, lease.DeliveryCount, lease.EnqueuedAt, lease.Until, message)
            : throw new InvalidOperationException($"The body of message {lease.Sequence} is not in memory."))]);

    private void EndSubscription(QueueEffect.EndSubscription end)
    {
        if (_subscriptions.Remove(end.Queue, end.Consumer) is not { } ended)
            return;
        if (ended.IsPull)
            ended.Origin.Answer(end.Reason, Self);
        else
            ended.Origin.Client.Tell(new SubscriptionEnded(end.Queue, end.Consumer, end.Reason), Self);
    }

    private void ScheduleTick()
    {
        if (!_isLeading || _machine.NextDue is not { } due)
        {
            Timers.Cancel(TimeIsDue.Instance);
            return;
        }

        var wait = due.ToDateTimeOffset() - DateTimeOffset.UtcNow;
        Timers.StartSingleTimer(TimeIsDue.Instance, TimeIsDue.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private void Tick()
    {
        if (_isLeading)
            ProposeOwn(Contracts.Queue.Tick.Instance);
    }

    private void EndGoneSubscriptions()
    {
        foreach (var gone in _subscriptions.SilentSince(Now - _settings.SessionTimeout))
        {
            _log.Info("Group {0}: consumer {1} of queue {2} is gone; what it held returns", _group, gone.Consumer, gone.Queue);
            ProposeOwn(new Unsubscribe(gone.Queue, gone.Consumer, gone.StartedThrough));
        }
    }

    private void ProposeOwn(ICommand command) =>
        _raft.Tell(new ProposeCommand(new Origin(ActorRefs.Nobody, 0), CommandCodec.Encode(command), command));
}
