namespace RaftQueue.Client.Payloads;

/// <summary>Payloads of a registered .NET type.</summary>
internal sealed class RegisteredPayloads<T>(string name, RegisteredTypeSerializer serializer) : IPayloadSerializer<T>
{
    public string ContentType { get; } = ContentTypes.OfRegistered(name);

    public ReadOnlyMemory<byte> Serialize(T payload) => serializer.Serialize(payload);

    public T Deserialize(ReadOnlyMemory<byte> bytes, string? contentType)
    {
        if (ContentTypes.RegisteredName(contentType) is not { } claimed)
            throw new PayloadException($"The payload's content type is {contentType ?? "not given"}; expected was {ContentType}.");
        if (!serializer.Knows(claimed, out var type))
            throw new UnregisteredTypeException(claimed, $"The message carries a payload of the type '{claimed}', which is not registered here. Add options.RegisterType<...>(\"{claimed}\") before connecting, or reject the message.");
        if (!typeof(T).IsAssignableFrom(type))
            throw new PayloadException($"The message carries a payload of the type '{claimed}' ({type}), which is no {typeof(T)}.");
        return serializer.Deserialize(bytes) is T payload
            ? payload
            : throw new PayloadException($"The payload says that it is a '{claimed}', but its bytes are something else.");
    }
}
