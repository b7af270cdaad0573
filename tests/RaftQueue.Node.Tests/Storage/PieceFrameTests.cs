using RaftQueue.Node.Storage;
using Xunit;

namespace RaftQueue.Node.Tests.Storage;

public sealed class PieceFrameTests
{
    [Fact]
    public void Every_flipped_bit_is_found()
    {
        var framed = PieceFrame.Seal("raftqueue/0/pieces", 3, "a piece of a snapshot"u8);
        Assert.Equal("a piece of a snapshot"u8, PieceFrame.Open("raftqueue/0/pieces", 3, framed).Span);
        for (var bit = 0; bit < framed.Length * 8; bit++)
        {
            framed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<DamagedPieceException>(() => PieceFrame.Open("raftqueue/0/pieces", 3, framed));
            framed[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Every_missing_tail_is_found()
    {
        var framed = PieceFrame.Seal("raftqueue/0/pieces", 3, new byte[100]);
        for (var length = 0; length < framed.Length; length++)
            Assert.Throws<DamagedPieceException>(() => PieceFrame.Open("raftqueue/0/pieces", 3, framed[..length]));
    }

    [Fact]
    public void The_stored_bytes_do_not_change_between_versions()
    {
        // The checksum was worked out by another implementation of CRC-32C, over "raftqueue/0/pieces", the number 3 and the digits.
        const string Digits = "313233343536373839";
        Assert.Equal("017C05D350" + Digits, Convert.ToHexString(PieceFrame.Seal("raftqueue/0/pieces", 3, "123456789"u8)));
    }
}
