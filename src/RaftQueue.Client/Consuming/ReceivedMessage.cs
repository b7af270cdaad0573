using RaftQueue.Client.Payloads;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// A message that this consumer holds under a lease, until it settles it or the lease ends. Settle each once: <see cref="AckAsync"/>, <see
/// cref="ReleaseAsync"/> or <see cref="RejectAsync"/>. A settlement that failed can be tried again.
/// </summary>
/// <typeparam name="T">The type of the payload.</typeparam>
public sealed class ReceivedMessage<T>
{
    private readonly Delivery _delivery;
    private readonly MessageContent<T> _content;
    private readonly ISettlementDesk _desk;
    private int _isSettled;

    internal ReceivedMessage(string queue, in Delivery delivery, IPayloadSerializer<T> serializer, ISettlementDesk desk) =>
        (Queue, _delivery, _content, _desk) = (queue, delivery, new MessageContent<T>(queue, delivery, serializer), desk);

    /// <summary>The queue it came from.</summary>
    public string Queue { get; }

    /// <summary>Its place in the queue, for ever its own.</summary>
    public long Sequence => _delivery.Sequence;

    /// <summary>How often it was delivered and started, this time included: 1 at first.</summary>
    public int DeliveryCount => _delivery.DeliveryCount;

    /// <summary>When it was stored, by the leader's clock.</summary>
    public DateTimeOffset EnqueuedAt => _delivery.EnqueuedAt.ToDateTimeOffset();

    /// <summary>When the lease ended as it was delivered, by the leader's clock; extensions are not seen here.</summary>
    public DateTimeOffset LeaseUntil => _delivery.LeaseUntil.ToDateTimeOffset();

    /// <summary>
    /// Rises with every lease of a queue of that name, also after the queue was deleted and declared again. Pass it on with whatever the
    /// handler writes elsewhere: a store that keeps the largest token it has seen can refuse a holder whose lease has ended meanwhile.
    /// </summary>
    public long FencingToken => _delivery.Token;

    /// <summary>
    /// Of a dead letter: which queue it came from, its sequence and delivery count there, and why it was moved. Null for any other
    /// message, and for one that was redriven.
    /// </summary>
    public DeadLetter? DeadLetter => _delivery.DeadLetter;

    /// <summary>What the sender said of it.</summary>
    /// <exception cref="PayloadException">It cannot be read. The message can still be settled.</exception>
    public MessageProperties Properties => _content.Properties;

    /// <summary>The payload, read anew at each access.</summary>
    /// <exception cref="UnregisteredTypeException">
    /// It is of a type that is not registered here. The message can still be settled.
    /// </exception>
    /// <exception cref="PayloadException">It cannot be read. The message can still be settled.</exception>
    public T Payload => _content.Payload;

    /// <summary>Done: completes when the broker has it on a majority of disks, after which the message never comes back.</summary>
    /// <param name="cancellation">Stops waiting; the decision may be on its way already.</param>
    /// <exception cref="StaleLeaseException">
    /// The lease had ended; the message comes again, or already has, to this or another consumer.
    /// </exception>
    public Task AckAsync(CancellationToken cancellation = default) => SettleAsync(SettlementKind.Ack, "", cancellation);

    /// <summary>Not done: the message returns to its place in the order, at once.</summary>
    /// <inheritdoc cref="AckAsync"/>
    public Task ReleaseAsync(CancellationToken cancellation = default) => SettleAsync(SettlementKind.Release, "", cancellation);

    /// <summary>It cannot be done: the message goes to the dead-letter queue, or away where there is none.</summary>
    /// <param name="reason">Why, for people; at most <see cref="Bounds.MaxReasonLength"/> characters.</param>
    /// <param name="cancellation">Stops waiting; the decision may be on its way already.</param>
    /// <exception cref="StaleLeaseException">The lease had ended.</exception>
    public Task RejectAsync(string reason, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Range.Check("reason.Length", reason.Length, 0, Bounds.MaxReasonLength);
        Texts.Check("The reason", reason, nameof(reason));
        return SettleAsync(SettlementKind.Reject, reason, cancellation);
    }

    /// <summary>Lets the lease run for <paramref name="lease"/> from now.</summary>
    /// <param name="lease">From <see cref="Bounds.MinLease"/> to <see cref="Bounds.MaxLease"/>.</param>
    /// <param name="cancellation">Stops waiting; the lease may be extended nevertheless.</param>
    /// <returns>When it ends, by the leader's clock.</returns>
    /// <exception cref="StaleLeaseException">The lease had ended.</exception>
    public Task<DateTimeOffset> ExtendAsync(TimeSpan lease, CancellationToken cancellation = default)
    {
        Range.Check(nameof(lease), lease, Bounds.MinLease, Bounds.MaxLease);
        return _desk.ExtendAsync(Sequence, FencingToken, lease, cancellation);
    }

    private async Task SettleAsync(SettlementKind kind, string reason, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isSettled, 1) != 0)
            throw new InvalidOperationException($"Message {Sequence} of '{Queue}' was settled already, or is just being settled.");
        try
        {
            await _desk.SettleAsync(new Settlement(kind, Sequence, FencingToken, reason), cancellation).ConfigureAwait(false);
        }
        catch
        {
            Volatile.Write(ref _isSettled, 0);
            throw;
        }
    }
}
