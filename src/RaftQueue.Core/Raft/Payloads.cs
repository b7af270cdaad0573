using System.Buffers.Binary;
using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>The bytes of a configuration in the log.</summary>
internal static class ConfigurationPayload
{
    public static byte[] Encode(Configuration configuration)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(configuration.Members.Length);
        foreach (var member in configuration.Members)
        {
            writer.Write(member.Id.Value);
            writer.Write(member.Incarnation.Value.ToByteArray());
            writer.Write((byte)member.Kind);
        }

        writer.Flush();
        return stream.ToArray();
    }

    public static Configuration Decode(ReadOnlyMemory<byte> payload)
    {
        using var reader = new BinaryReader(new MemoryStream(payload.ToArray()), Encoding.UTF8);
        var members = new Member[reader.ReadInt32()];
        for (var i = 0; i < members.Length; i++)
            members[i] = new Member(new NodeId(reader.ReadString()), new Incarnation(new Guid(reader.ReadBytes(16))), (MemberKind)reader.ReadByte());
        return new Configuration(members);
    }
}

/// <summary>The bytes of a machine version in the log.</summary>
internal static class MachineVersionPayload
{
    public static byte[] Encode(int version)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, version);
        return bytes;
    }

    public static int Decode(ReadOnlyMemory<byte> payload) => BinaryPrimitives.ReadInt32LittleEndian(payload.Span);
}
