using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>Packed messages and deliveries: one field each, wrapped and sliced but never copied here.</summary>
internal static class BlockMapper
{
    public static Proto.MessageBlock ToProto(MessageBlock block) => new() { Count = block.Count, Packed = ProtoBytes.Wrap(block.Bytes) };

    public static MessageBlock FromProto(Proto.MessageBlock? proto) =>
        new(Expect.Present(proto, "messages").Packed.Memory, proto!.Count);

    public static Proto.DeliveryBlock ToProto(DeliveryBlock block) => new() { Count = block.Count, Packed = ProtoBytes.Wrap(block.Bytes) };

    /// <summary>The deliveries, walked once, so that whoever unpacks them later meets no damage.</summary>
    public static DeliveryBlock FromProto(Proto.DeliveryBlock? proto)
    {
        var block = Expect.Present(proto, "deliveries");
        var count = Expect.NotNegative(block.Count, "number of deliveries");
        var reader = new PackedReader(block.Packed.Memory, "delivery block");
        for (var i = 0; i < count; i++)
            Skip(ref reader);
        reader.End();
        return new DeliveryBlock(block.Packed.Memory, count);
    }

    private static void Skip(ref PackedReader reader)
    {
        reader.Number("sequence");
        reader.Number("token");
        Expect.Within(reader.Number("delivery count"), 0, int.MaxValue, "delivery count");
        reader.Number("enqueue time");
        reader.Number("lease end");
        reader.Bytes("message");
    }
}
