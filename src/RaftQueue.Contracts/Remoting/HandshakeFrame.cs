using Google.Protobuf;

namespace RaftQueue.Contracts.Remoting;

/// <summary>
/// Reads out of the first frame of a connection which address the other end claims to be at, as Akka's handshake has it. Nothing here
/// proves the claim.
/// </summary>
internal static class HandshakeFrame
{
    private const int Instruction = 2; // of Akka's frame
    private const int HandshakeInfo = 2; // of the instruction
    private const int Origin = 1; // of that
    private const int System = 1, Hostname = 2, Port = 3; // of an address

    /// <summary>The claimed address as "system@host:port"; null where the frame holds none.</summary>
    public static string? OriginOf(ByteString frame)
    {
        try
        {
            if (Field(frame, Instruction) is not { } instruction
                || Field(instruction, HandshakeInfo) is not { } info
                || Field(info, Origin) is not { } origin)
            {
                return null;
            }

            return $"{Field(origin, System)?.ToStringUtf8()}@{Field(origin, Hostname)?.ToStringUtf8()}:{Number(origin, Port)}";
        }
        catch (InvalidProtocolBufferException)
        {
            return null; // Akka closes the connection for it
        }
    }

    private static ByteString? Field(ByteString message, int field)
    {
        using var input = message.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.LengthDelimited)
                return input.ReadBytes();
            input.SkipLastField();
        }

        return null;
    }

    private static uint Number(ByteString message, int field)
    {
        using var input = message.CreateCodedInput();
        while (input.ReadTag() is > 0 and var tag)
        {
            if (WireFormat.GetTagFieldNumber(tag) == field && WireFormat.GetTagWireType(tag) == WireFormat.WireType.Varint)
                return input.ReadUInt32();
            input.SkipLastField();
        }

        return 0;
    }
}
