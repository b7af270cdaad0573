using Google.Protobuf;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Contracts.Wire;

/// <summary>The payload of <see cref="EntryKind.Configuration"/> entries.</summary>
public static class ConfigurationCodec
{
    /// <summary>The configuration as bytes; equal configurations give equal bytes.</summary>
    public static byte[] Encode(Configuration configuration) => ConfigurationMapper.ToProto(configuration).ToByteArray();

    /// <summary>The configuration that was encoded.</summary>
    /// <exception cref="MalformedException">The bytes are no configuration.</exception>
    public static Configuration Decode(ReadOnlyMemory<byte> bytes) =>
        ConfigurationMapper.FromProto(ProtoBytes.Read<Proto.Configuration>(bytes), "configuration");
}

/// <summary>A snapshot's description on its own, as it lies beside the snapshot's pieces.</summary>
public static class SnapshotMetaCodec
{
    /// <summary>The description as bytes.</summary>
    public static byte[] Encode(SnapshotMeta meta) => ConfigurationMapper.ToProto(meta).ToByteArray();

    /// <summary>The description that was encoded.</summary>
    /// <exception cref="MalformedException">The bytes are no description of a snapshot.</exception>
    public static SnapshotMeta Decode(ReadOnlyMemory<byte> bytes) => ConfigurationMapper.FromProto(ProtoBytes.Read<Proto.SnapshotMeta>(bytes));
}

/// <summary>The payload of <see cref="EntryKind.MachineVersion"/> entries: one varint.</summary>
public static class MachineVersionCodec
{
    /// <summary>The version as bytes.</summary>
    public static byte[] Encode(int version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
        var bytes = new byte[PackedWriter.SizeOf((ulong)version)];
        new PackedWriter(bytes).Varint((ulong)version);
        return bytes;
    }

    /// <summary>The version that was encoded; at least 1.</summary>
    /// <exception cref="MalformedException">The bytes are no version.</exception>
    public static int Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new PackedReader(bytes, "machine version entry");
        var version = (int)Expect.Within(reader.Number("version"), 1, int.MaxValue, "machine version");
        reader.End();
        return version;
    }
}
