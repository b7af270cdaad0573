using System.Buffers.Binary;
using System.Diagnostics;

namespace RaftQueue.Benchmarks.Load;

/// <summary>What a message carries in its first bytes: when it was to be sent, and its number.</summary>
internal static class Stamp
{
    /// <summary>Bytes of a stamp.</summary>
    public const int Size = sizeof(long) + sizeof(int);

    public static void Write(Span<byte> body, int number, long time)
    {
        BinaryPrimitives.WriteInt64LittleEndian(body, time);
        BinaryPrimitives.WriteInt32LittleEndian(body[sizeof(long)..], number);
    }

    public static (int Number, long Time) Read(ReadOnlySpan<byte> body) =>
        (BinaryPrimitives.ReadInt32LittleEndian(body[sizeof(long)..]), BinaryPrimitives.ReadInt64LittleEndian(body));

    /// <summary>The time, in ticks of the stopwatch.</summary>
    public static long Now => Stopwatch.GetTimestamp();
}
