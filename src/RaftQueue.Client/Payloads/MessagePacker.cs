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
        var record = new PropertiesRecord
        {
            MessageId = properties.MessageId ?? "",
            CorrelationId = properties.CorrelationId ?? "",
            ContentType = properties.ContentType ?? contentType,
        };
        foreach (var (name, value) in properties.Headers)
            record.Headers.Add(name, value);
        return record.ToByteArray();
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
