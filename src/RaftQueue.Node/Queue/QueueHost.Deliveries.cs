using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

// How leased messages get to their consumers. One whose body has left memory waits until it is read back, and those behind it in the same hands wait with it, because order
// is kept; neither the machine nor any other consumer does.
internal sealed partial class QueueHost
{
    private const long MaxUnsentBytes = 32 * 1024 * 1024;
    private const int LooksUntilDiscarded = 5;

    private readonly List<PullAnswer> _answers = [];
    private readonly UnsentAnswers _unsent;
    private int _looks;

    // Deliveries of one turn travel together, in frames that leave room for others.
    private int Send(Subscription subscription)
    {
        var frame = new List<Delivery>(subscription.Outbox.Count);
        var (next, bytes) = (0, 0L);
        for (; next < subscription.Outbox.Count; next++)
        {
            var lease = subscription.Outbox[next];
            var body = Fetch(subscription.Queue, lease, subscription.HasWaited, out var message);
            if (body == Body.Awaited)
                break;
            if (body == Body.Gone)
                continue;
            if (frame.Count > 0 && bytes + message.Length > Bounds.MaxChunkBytes)
            {
                Send(subscription, frame);
                (frame, bytes) = ([], 0);
            }

            if (!HasRoomToSend())
                break;

            frame.Add(lease.Deliver(message));
            bytes += message.Length + (lease.DeadLetter is { } letter ? DeadLetter.SizeOf(letter.Source, letter.Reason, letter.Via) : 0);
        }

        if (frame.Count > 0)
            Send(subscription, frame);
        return next;
    }

    private void Send(Subscription subscription, List<Delivery> frame)
    {
        var client = subscription.Origin.Client;
        var push = new Deliver(subscription.Queue, subscription.Consumer, DeliveryBlock.Of(frame), After: subscription.SentThrough)
        {
            DeadLetters = DeliveryBlock.DeadLettersOf(frame),
        };
        client.Tell(_unsent.Watched(push, client), Self);
        subscription.SentThrough = frame[^1].Token;
    }

    private void Answer(Origin origin, IReply reply) =>
        origin.Client.Tell(_unsent.Watched(new ClientReply(origin.CorrelationId, reply), origin.Client), Self);

    // Where there is none, what waits is tried again once there is.
    private bool HasRoomToSend()
    {
        if (_unsent.HasRoom)
            return true;
        _unsent.WaitForRoom();
        return false;
    }

    private Refused TooMuchUnsent() =>
        new(RefusalCode.Busy, $"{_unsent.Limit} bytes of answers are on their way to clients, as many as may be; try again shortly.");

    private void LookForDiscarded()
    {
        if (++_looks % LooksUntilDiscarded == 0)
            _unsent.ForgetDiscarded();
    }

    private void Answer(PullAnswer pull)
    {
        // A client that asks again has given up its first request.
        _answers.RemoveAll(other => other.Consumer == pull.Consumer && other.Queue == pull.Queue);
        if (!TryComplete(pull))
            _answers.Add(pull);
    }

    private bool TryComplete(PullAnswer pull)
    {
        if (!HasRoomToSend())
        {
            pull.Wait();
            return false;
        }

        while (pull.TryPeek(out var lease))
        {
            switch (Fetch(pull.Queue, lease, pull.HasWaited, out var message))
            {
                case Body.There:
                    pull.Take(lease, message);
                    break;
                case Body.Gone:
                    pull.Skip();
                    break;
                default:
                    pull.Wait();
                    return false;
            }
        }

        Answer(pull.Origin, pull.Complete());
        return true;
    }

    private void EndDeliveries(IReply redirect)
    {
        foreach (var pull in _answers)
            pull.Origin.Answer(redirect, Self);
        _answers.Clear();
        _served.Clear();
    }

    // The lease of a message that had to wait may have ended meanwhile; it is somebody else's then.
    private Body Fetch(QueueName queue, Lease lease, bool hasWaited, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (hasWaited && !_machine.IsHeld(queue, lease.Sequence, lease.Token))
            return Body.Gone;
        if (_machine.TryGetBody(lease.Body, out message))
            return Body.There;
        if (_machine.PieceOf(lease.Body.Segment) is null)
            return Body.Gone;
        Want(lease.Body.Segment);
        return Body.Awaited;
    }

    private enum Body
    {
        There,
        Awaited,
        Gone,
    }
}

/// <summary>A lease on its way to its consumer.</summary>
internal static class Delivering
{
    public static Delivery Deliver(this in Lease lease, ReadOnlyMemory<byte> message) =>
        new(lease.Sequence, lease.Token, lease.DeliveryCount, lease.EnqueuedAt, lease.Until, message) { DeadLetter = lease.DeadLetter };
}
