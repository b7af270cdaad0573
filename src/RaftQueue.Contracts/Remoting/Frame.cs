using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace RaftQueue.Contracts.Remoting;

/// <summary>What a frame looks like on the wire: its length in 4 bytes, the lowest first, then its bytes. Akka's own TCP transport has the same, so the two understand each other.</summary>
internal static class Frame
{
    /// <summary>How many bytes a frame's length takes.</summary>
    public const int LengthBytes = 4;

    /// <summary>Puts a frame behind what is there.</summary>
    public static void Write(ByteString payload, IBufferWriter<byte> to)
    {
        var span = to.GetSpan(LengthBytes + payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(span, payload.Length);
        payload.Span.CopyTo(span[LengthBytes..]);
        to.Advance(LengthBytes + payload.Length);
    }

    /// <summary>How long a frame is that begins here, without its length.</summary>
    public static int LengthAt(ReadOnlySpan<byte> start) => BinaryPrimitives.ReadInt32LittleEndian(start);
}
