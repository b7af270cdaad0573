using RaftQueue.Contracts.Queue;

namespace RaftQueue.Contracts.Wire;

/// <summary>
/// Reads what <see cref="PackedWriter"/> wrote. What it hands out are slices; what it cannot read is a <see cref="MalformedException"/>.
/// </summary>
internal ref struct PackedReader(ReadOnlyMemory<byte> bytes, string block)
{
    private readonly int _length = bytes.Length;
    private readonly string _block = block;
    private Varint.Reader _reader = new(bytes);

    public readonly int Left => _length - _reader.Position;

    public long Number(string field) => _reader.TryRead(out var value) && value <= long.MaxValue ? (long)value : throw Damaged(field);

    public ReadOnlyMemory<byte> Bytes(string field) => _reader.TryReadBytes(out var bytes) ? bytes : throw Damaged(field);

    /// <summary>
    /// A number of items that each take <paramref name="minSize"/> bytes or more: so it is known to be honest before anything is
    /// allocated for it.
    /// </summary>
    public int Count(int minSize)
    {
        var count = Number("count");
        return count <= Left / minSize
            ? (int)count
            : throw Expect.Malformed($"the {_block} claims {count} items, but only {Left} bytes follow");
    }

    public readonly void End()
    {
        if (Left != 0)
            throw Expect.Malformed($"{Left} bytes follow the last item of the {_block}");
    }

    private readonly MalformedException Damaged(string field) =>
        Expect.Malformed($"the {_block} is cut short or damaged at {field}, byte {_reader.Position} of {_length}");
}
