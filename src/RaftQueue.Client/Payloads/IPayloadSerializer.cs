namespace RaftQueue.Client.Payloads;

/// <summary>How payloads of one type become bytes and come back. Used by several threads at once.</summary>
/// <typeparam name="T">The type of the payloads.</typeparam>
public interface IPayloadSerializer<T>
{
    /// <summary>What the bytes are; written into the message's properties where the sender names no content type of its own.</summary>
    string ContentType { get; }

    /// <summary>The bytes of a payload. They must not change afterwards.</summary>
    /// <exception cref="PayloadException">The payload cannot be written.</exception>
    ReadOnlyMemory<byte> Serialize(T payload);

    /// <summary>The payload that the bytes stand for.</summary>
    /// <param name="bytes">The body of a message.</param>
    /// <param name="contentType">What the message says of it; null where it says nothing.</param>
    /// <exception cref="PayloadException">They are not a payload of this type.</exception>
    T Deserialize(ReadOnlyMemory<byte> bytes, string? contentType);
}
