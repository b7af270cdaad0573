using System.Buffers;
using System.Text;
using Google.Protobuf;
using RaftQueue.Client.Payloads.Wire;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Client.Payloads;

/// <summary>Messages as the broker keeps them, made from what the application gives and read back for it.</summary>
internal static class MessagePacker
{
    private const int RoomForLengths = 64;

    /// <summary>Packs one message.</summary>
    /// <exception cref="ArgumentException">A header or another text is missing or cannot be written; the error names it.</exception>
    /// <exception cref="RaftQueueException">A value lies outside its bound; nothing was sent.</exception>
    public static ReadOnlyMemory<byte> Pack(MessageProperties properties, string contentType, ReadOnlyMemory<byte> body)
    {
        if (MessageTimes.Check(properties.Delay, properties.TimeToLive) is { } refused)
            throw new RaftQueueException(refused.Code, refused.Message);
        if (properties.GroupKey is { } key && Encoding.UTF8.GetByteCount(key) > Bounds.MaxGroupKeyBytes)
            throw new RaftQueueException(RefusalCode.OutOfBounds, $"GroupKey has {Encoding.UTF8.GetByteCount(key)} bytes of UTF-8; at most {Bounds.MaxGroupKeyBytes} are allowed.");

        var opaque = Encode(properties, contentType);
        var output = new ArrayBufferWriter<byte>(opaque.Length + body.Length + RoomForLengths);
        MessageView.Write(output, properties.Delay, properties.TimeToLive, properties.GroupKey, opaque, body.Span);
        return output.WrittenCount <= Bounds.MaxMessageBytes
            ? output.WrittenMemory
            : throw new RaftQueueException(RefusalCode.TooLarge, $"The message has {output.WrittenCount} bytes with its properties; at most {Bounds.MaxMessageBytes} are allowed. Store large contents elsewhere and send a reference.");
    }

    /// <summary>What the sender said of a message.</summary>
    /// <exception cref="PayloadException">The properties are damaged, or not written by this client.</exception>
    public static MessageProperties Unpack(in MessageView message)
    {
        try
        {
            var record = PropertiesRecord.Parser.ParseFrom(message.Properties.Span);
            return new MessageProperties
            {
                MessageId = NullIfEmpty(record.MessageId),
                CorrelationId = NullIfEmpty(record.CorrelationId),
                ContentType = NullIfEmpty(record.ContentType),
                Headers = record.Headers,
                GroupKey = message.GroupKey.IsEmpty ? null : Encoding.UTF8.GetString(message.GroupKey.Span),
                Delay = message.Delay,
                TimeToLive = message.TimeToLive,
            };
        }
        catch (InvalidProtocolBufferException problem)
        {
            throw new PayloadException("The message's properties cannot be read: they were not written by a client of this kind.", problem);
        }
    }

    private static byte[] Encode(MessageProperties properties, string contentType)
    {
        CheckTexts(properties);
        var record = new PropertiesRecord
        {
            MessageId = properties.MessageId ?? "",
            CorrelationId = properties.CorrelationId ?? "",
            ContentType = properties.ContentType ?? contentType ?? throw new PayloadException("The serializer has no content type (null)."),
        };
        foreach (var (name, value) in properties.Headers)
            Add(record, name, value, nameof(properties));
        return record.ToByteArray();
    }

    private static void CheckTexts(MessageProperties properties)
    {
        if (properties.Headers is null)
            throw new ArgumentNullException(nameof(properties), "Headers is null; leave it out where there are none.");
        Texts.Check(nameof(properties.MessageId), properties.MessageId, nameof(properties));
        Texts.Check(nameof(properties.CorrelationId), properties.CorrelationId, nameof(properties));
        Texts.Check(nameof(properties.ContentType), properties.ContentType, nameof(properties));
        Texts.Check(nameof(properties.GroupKey), properties.GroupKey, nameof(properties));
    }

    private static void Add(PropertiesRecord record, string? name, string? value, string parameter)
    {
        if (name is null)
            throw new ArgumentException("Headers has an entry whose name is null.", parameter);
        if (value is null)
            throw new ArgumentException($"The value of the header \"{name}\" is null; leave the header out, or give it an empty text.", parameter);
        Texts.Check($"The name of the header \"{name}\"", name, parameter);
        Texts.Check($"The value of the header \"{name}\"", value, parameter);
        if (!record.Headers.TryAdd(name, value))
            throw new ArgumentException($"Headers has the name \"{name}\" twice.", parameter);
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
