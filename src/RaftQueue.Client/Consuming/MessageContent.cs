using RaftQueue.Client.Payloads;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Consuming;

/// <summary>
/// What a sender put into a message. Read when it is asked for, so that what cannot be read fails there and the message can still be
/// settled.
/// </summary>
internal sealed class MessageContent<T>
{
    private readonly MessageView _message;
    private readonly string _damage;
    private readonly IPayloadSerializer<T> _serializer;
    private readonly string _name;
    private MessageProperties? _properties;

    public MessageContent(string queue, in Delivery delivery, IPayloadSerializer<T> serializer)
    {
        (_name, _serializer) = ($"Message {delivery.Sequence} of '{queue}'", serializer);
        _ = MessageView.TryRead(delivery.Message, out _message, out _damage);
    }

    public MessageProperties Properties => _properties ??= MessagePacker.Unpack(Readable());

    public T Payload => _serializer.Deserialize(Readable().Body, Properties.ContentType);

    private MessageView Readable() => _damage.Length == 0 ? _message : throw new PayloadException($"{_name} is damaged: {_damage}.");
}
