using System.Buffers.Binary;
using System.Numerics;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>A fingerprint of an entry's content, by which checkers compare entries without keeping them.</summary>
public static class Content
{
    /// <summary>The fingerprint of all that an entry says beside its index and term.</summary>
    public static ulong Of(Entry entry)
    {
        var hash = Mix((ulong)entry.Kind, (ulong)entry.Stamp.Milliseconds);
        return Of(entry.Payload.Span, hash);
    }

    /// <summary>The fingerprint of some bytes.</summary>
    public static ulong Of(ReadOnlySpan<byte> bytes, ulong seed = 0)
    {
        var hash = Mix(seed, (ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        foreach (var rest in bytes)
            hash = Mix(hash, rest);
        return hash;
    }

    private static ulong Mix(ulong hash, ulong value) => BitOperations.RotateLeft((hash ^ value) * 0x9E3779B97F4A7C15, 31) + 0x632BE59BD9B4E019;
}
