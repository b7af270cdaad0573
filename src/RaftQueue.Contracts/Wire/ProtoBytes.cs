using Google.Protobuf;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Between Protocol Buffers and bytes: fields that we do not know are skipped, and damage is a <see cref="MalformedException"/>.
/// </summary>
internal static class ProtoBytes
{
    public static T Read<T>(ReadOnlyMemory<byte> bytes)
        where T : IMessage<T>, new()
    {
        try
        {
            return ParserOf<T>.Instance.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException damage)
        {
            throw new MalformedException(RefusalCode.Malformed, $"not a well-formed {typeof(T).Name}: {damage.Message}", damage);
        }
    }

    /// <summary>Wraps without a copy: the memory must not change afterwards, as ours never does.</summary>
    public static ByteString Wrap(ReadOnlyMemory<byte> bytes) => UnsafeByteOperations.UnsafeWrap(bytes);

    public static ByteString Of(Guid id)
    {
        var bytes = new byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Wrap(bytes);
    }

    public static ByteString Of(Incarnation incarnation) => incarnation.IsKnown ? Of(incarnation.Value) : ByteString.Empty;

    public static string Of(NodeId? node) => node?.Value ?? "";

    /// <inheritdoc cref="LogTime.MillisecondsOf"/>
    public static long Of(TimeSpan span) => LogTime.MillisecondsOf(span);

    private static class ParserOf<T>
        where T : IMessage<T>, new()
    {
        public static readonly MessageParser<T> Instance = new MessageParser<T>(() => new T()).WithDiscardUnknownFields(true);
    }
}
