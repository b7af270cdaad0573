using System.Collections.Immutable;
using System.Text;
using System.Text.Unicode;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Settlements packed one behind the other: count, then for each its kind, sequence, token and reason; numbers and lengths are varints.
/// </summary>
internal static class SettlementBlock
{
    private const string Name = "settlement block";
    private const int MinSettlementSize = 4;

    public static byte[] Pack(ImmutableArray<Settlement> settlements)
    {
        if (settlements.IsDefaultOrEmpty)
            return [];
        var bytes = new byte[SizeOf(settlements)];
        var writer = new PackedWriter(bytes);
        writer.Varint((ulong)settlements.Length);
        foreach (var settlement in settlements)
            Write(ref writer, settlement);
        writer.End();
        return bytes;
    }

    public static ImmutableArray<Settlement> Read(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
            return [];
        var reader = new PackedReader(bytes, Name);
        var count = reader.Count(MinSettlementSize);
        var settlements = ImmutableArray.CreateBuilder<Settlement>(count);
        for (var i = 0; i < count; i++)
            settlements.Add(new Settlement(Kind(reader.Number("kind")), reader.Number("sequence"), reader.Number("token"), Reason(reader.Bytes("reason"))));
        reader.End();
        return settlements.MoveToImmutable();
    }

    private static int SizeOf(ImmutableArray<Settlement> settlements)
    {
        var size = PackedWriter.SizeOf((ulong)settlements.Length);
        foreach (var settlement in settlements)
        {
            size += PackedWriter.SizeOf((ulong)settlement.Kind)
                + PackedWriter.SizeOf((ulong)settlement.Sequence)
                + PackedWriter.SizeOf((ulong)settlement.Token)
                + PackedWriter.SizeOfBytes(Encoding.UTF8.GetByteCount(settlement.Reason ?? ""));
        }

        return size;
    }

    private static void Write(ref PackedWriter writer, in Settlement settlement)
    {
        writer.Varint((ulong)settlement.Kind);
        writer.Varint((ulong)settlement.Sequence);
        writer.Varint((ulong)settlement.Token);
        writer.Bytes(string.IsNullOrEmpty(settlement.Reason) ? [] : Encoding.UTF8.GetBytes(settlement.Reason));
    }

    private static SettlementKind Kind(long kind) => kind <= (long)SettlementKind.Return
        ? (SettlementKind)kind
        : throw Expect.Malformed($"settlement kind {kind} is unknown; was it sent by a newer version?");

    private static string Reason(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty)
            return "";
        return Utf8.IsValid(utf8.Span)
            ? Encoding.UTF8.GetString(utf8.Span)
            : throw Expect.Malformed("the reason of a settlement is not UTF-8");
    }
}
