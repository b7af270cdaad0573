using System.Text;

namespace RaftQueue.Client.Payloads;

/// <summary>Bytes as they are.</summary>
internal sealed class ByteArrayPayloads : IPayloadSerializer<byte[]>
{
    public string ContentType => ContentTypes.Bytes;

    // A copy: the caller may use its array again while the message waits.
    public ReadOnlyMemory<byte> Serialize(byte[] payload) => payload.AsSpan().ToArray();

    public byte[] Deserialize(ReadOnlyMemory<byte> bytes, string? contentType) => bytes.ToArray();
}

/// <summary>Bytes as they are, without a copy on the way in.</summary>
internal sealed class MemoryPayloads : IPayloadSerializer<ReadOnlyMemory<byte>>
{
    public string ContentType => ContentTypes.Bytes;

    public ReadOnlyMemory<byte> Serialize(ReadOnlyMemory<byte> payload) => payload;

    public ReadOnlyMemory<byte> Deserialize(ReadOnlyMemory<byte> bytes, string? contentType) => bytes;
}

/// <summary>Text as UTF-8.</summary>
internal sealed class TextPayloads : IPayloadSerializer<string>
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public string ContentType => ContentTypes.Text;

    public ReadOnlyMemory<byte> Serialize(string payload)
    {
        try
        {
            return Strict.GetBytes(payload);
        }
        catch (EncoderFallbackException problem)
        {
            throw new PayloadException("The text cannot be written as UTF-8: it holds half of a surrogate pair.", problem);
        }
    }

    public string Deserialize(ReadOnlyMemory<byte> bytes, string? contentType)
    {
        try
        {
            return Strict.GetString(bytes.Span);
        }
        catch (DecoderFallbackException problem)
        {
            throw new PayloadException($"The payload ({contentType ?? "no content type"}) is not UTF-8 text. Consume it as bytes.", problem);
        }
    }
}
