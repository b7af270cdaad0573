using RaftQueue.Client.Payloads;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>A message that was looked at, and stays where it is.</summary>
/// <typeparam name="T">The type of the payload.</typeparam>
public sealed class PeekedMessage<T>
{
    private readonly Delivery _delivery;
    private readonly MessageContent<T> _content;

    internal PeekedMessage(string queue, in Delivery delivery, DeadLetter? deadLetter, IPayloadSerializer<T> serializer) =>
        (Queue, _delivery, DeadLetter, _content) = (queue, delivery, deadLetter, new MessageContent<T>(queue, delivery, serializer));

    /// <summary>The queue it is in.</summary>
    public string Queue { get; }

    /// <summary>Its place in the queue, for ever its own.</summary>
    public long Sequence => _delivery.Sequence;

    /// <summary>How often it was delivered and started so far, with the delivery that is under way.</summary>
    public int DeliveryCount => _delivery.DeliveryCount;

    /// <summary>When it was stored, by the leader's clock.</summary>
    public DateTimeOffset EnqueuedAt => _delivery.EnqueuedAt.ToDateTimeOffset();

    /// <summary>Whether a consumer holds it.</summary>
    public bool IsLeased => _delivery.Token != 0;

    /// <summary>Of a dead letter: which queue it came from, and why. Null for any other message, and for one that was redriven.</summary>
    public DeadLetter? DeadLetter { get; }

    /// <inheritdoc cref="ReceivedMessage{T}.Properties"/>
    public MessageProperties Properties => _content.Properties;

    /// <inheritdoc cref="ReceivedMessage{T}.Payload"/>
    public T Payload => _content.Payload;
}
