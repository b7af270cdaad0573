namespace RaftQueue.Node.Tests.Wire;

/// <summary>Damages frames in the ways that find parsers out: flipped bits, cut and repeated pieces, pieces of other frames, absurd lengths.</summary>
public sealed class FrameMutator(int seed, IReadOnlyList<byte[]> others)
{
    private static readonly byte[][] Absurd =
    [
        [0xFF, 0xFF, 0xFF, 0xFF, 0x07], // int.MaxValue
        [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], // uint.MaxValue
        [0x80, 0x80, 0x80, 0x80, 0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], // int.MinValue
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], // long.MaxValue
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], // -1
        [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], // a varint without end
        [0x00],
    ];

    private readonly Random _random = new(seed);

    /// <summary>The frame, damaged in one to three places.</summary>
    public byte[] Mutate(byte[] frame)
    {
        var bytes = new List<byte>(frame);
        for (var i = _random.Next(1, 4); i > 0; i--)
            MutateOnce(bytes);
        return [.. bytes];
    }

    private void MutateOnce(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        switch (_random.Next(7))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, _random.Next(bytes.Count - at + 1));
                break;
            case 3:
                bytes.InsertRange(at, Piece(bytes));
                break;
            case 4:
                bytes.InsertRange(at, Piece(others[_random.Next(others.Count)]));
                break;
            case 5:
                bytes.InsertRange(at, Absurd[_random.Next(Absurd.Length)]);
                break;
            default:
                Overwrite(bytes, at, Absurd[_random.Next(Absurd.Length)]);
                break;
        }
    }

    private byte[] Piece(IReadOnlyList<byte> bytes)
    {
        var start = _random.Next(bytes.Count + 1);
        return [.. bytes.Skip(start).Take(_random.Next(bytes.Count - start + 1))];
    }

    private static void Overwrite(List<byte> bytes, int at, byte[] with)
    {
        bytes.RemoveRange(at, Math.Min(with.Length, bytes.Count - at));
        bytes.InsertRange(at, with);
    }
}
