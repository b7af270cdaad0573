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
    private static readonly TimeSpan PatienceWithTick = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxTickWait = TimeSpan.FromMinutes(1);

    private LogTime? _tickSetFor;

    private void Track(ICommand command, Origin? origin)
    {
        switch (command)
        {
            case Subscribe subscribe when origin is { } client:
                // From here on its messages are answers to nobody's request.
                var (queue, consumer) = (subscribe.Queue, subscribe.Consumer);
                var attached = _subscriptions.Attach(queue, consumer, client with { CorrelationId = 0 }, isPull: false, Now);
                attached.StartedThrough = Math.Max(attached.StartedThrough, subscribe.StartedThrough);
                break;
            case Contracts.Queue.Receive receive when origin is { } client:
                _subscriptions.Attach(receive.Queue, receive.Consumer, client, isPull: true, Now);
                break;
            case Unsubscribe unsubscribe:
                TellIfGivenUp(_subscriptions.Remove(unsubscribe.Queue, unsubscribe.Consumer), origin);
                break;
        }
    }

    // A consumer that did not ask for its end, and was only silent, subscribes again when it hears of it.
    private void TellIfGivenUp(Subscription? ended, Origin? asker)
    {
        if (ended is { IsPull: false } && asker?.Client.IsNobody() != false)
            TellGone(ended.Origin.Client, ended.Queue, ended.Consumer);
    }

    private void TellGone(IActorRef client, QueueName queue, ConsumerId consumer)
    {
        var reason = new Refused(
            RefusalCode.UnknownConsumer,
            $"Consumer {consumer} of queue '{queue}' was not heard of for {_settings.SessionTimeout.TotalSeconds} s and has been given up; subscribe again.");
        client.Tell(new SubscriptionEnded(queue, consumer, reason), Self);
    }

    private void KeepAlive(ClientIsAlive alive)
    {
        alive.Lane?.Leave(0);
        if (!_isLeading)
        {
            alive.Client.Tell(new ClientReply(0, _redirect), Self);
            return;
        }

        // The news of its end may have been lost on the way; a consumer that nobody told would wait for ever.
        foreach (var stranger in _subscriptions.Renew(alive, Now))
            TellGone(alive.Client, stranger.Queue, stranger.Consumer);
    }

    private void Perform(QueueEffect effect)
    {
        switch (effect)
        {
            case QueueEffect.Push push:
                _subscriptions.Post(push.Queue, push.Consumer, push.Leases);
                LookAhead(push.Queue, push.Leases);
                break;
            case QueueEffect.Answer answer:
                AnswerPull(answer);
                LookAhead(answer.Queue, answer.Leases);
                break;
            case QueueEffect.EndSubscription end:
                EndSubscription(end);
                break;
            case QueueEffect.Carry carry:
                Courier.Tell(new OutboxFilled(carry.Target));
                break;
            default:
                throw new InvalidOperationException($"No way to perform {effect}.");
        }
    }

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
        var next = _isLeading ? _machine.NextDue : null;
        if (next == _tickSetFor)
            return; // most entries change nothing about it
        _tickSetFor = next;
        if (next is not { } due)
        {
            Timers.Cancel(TimeIsDue.Instance);
            return;
        }

        // Log time approaches the wall clock meanwhile, so a long wait is looked at again; the tick also leaves a recent stamp in the log.
        var wait = TimeSpan.FromMilliseconds(due.Milliseconds - LogNow.Milliseconds, 0);
        Timers.StartSingleTimer(
            TimeIsDue.Instance, TimeIsDue.Instance, wait < TimeSpan.Zero ? TimeSpan.Zero : wait > MaxTickWait ? MaxTickWait : wait);
    }

    private void Tick()
    {
        if (!_isLeading)
            return;
        ProposeOwn(Contracts.Queue.Tick.Instance);
        // It may be refused, while the leader is busy or hands over; when it is applied, the next one is scheduled anew.
        _tickSetFor = LogTime.Zero;
        Timers.StartSingleTimer(TimeIsDue.Instance, TimeIsDue.Instance, PatienceWithTick);
    }

    private void EndGoneSubscriptions()
    {
        _subscriptions.ForgetStrangersSince(Now - _settings.SessionTimeout);
        _subscriptions.ForgetEndedPulls(_machine.Knows);
        EndAbandonedPulls();
        foreach (var gone in _subscriptions.SilentSince(Now - _settings.SessionTimeout))
        {
            _throttled.Log(
                LogLevel.InfoLevel, "gone", gone.Queue.Value, $"Group {_group}: consumer {gone.Consumer} of queue {gone.Queue} is gone; what it held returns");
            ProposeOwn(new Unsubscribe(gone.Queue, gone.Consumer, StartedBy(gone)));
        }
    }

    // Only of a consumer whose connection was closed it is known what it had started: it told so until then, and ended. One that is merely
    // silent, or that has not come to this leader, may go on with what it holds. What it started last it may not have told any more: the
    // first that it holds counts in any case.
    private long StartedBy(Subscription gone)
    {
        if (gone is { IsPull: true, IsAnswered: false })
            return 0; // what a pull holds without having been answered, its client has never seen
        if (!gone.IsAttached || !gone.IsCutOff)
            return long.MaxValue;
        var held = _machine.HeldBy(gone.Queue, gone.Consumer);
        return held.Count == 0 ? gone.StartedThrough : Math.Max(gone.StartedThrough, held[0].Token);
    }

    private void ProposeOwn(ICommand command) =>
        _raft.Tell(new ProposeCommand(new Origin(ActorRefs.Nobody, 0), CommandCodec.Encode(command), command));
}
