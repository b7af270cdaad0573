using System.Buffers;
using CsCheck;
using Google.Protobuf;
using RaftQueue.Contracts.Remoting;
using Xunit;

namespace RaftQueue.Node.Tests.Remoting;

public sealed class FrameReaderTests
{
    private const int Largest = 100_000;

    private static readonly Gen<byte[][]> Payloads = Gen.OneOf(Gen.Byte.Array[0, 50], Gen.Byte.Array[0, 20_000]).Array[0, 12];

    [Fact]
    public void Frames_come_out_as_they_went_in_whatever_pieces_the_stream_comes_in() =>
        Gen.Select(Payloads, Gen.Int[1, 9_000].Array[1, 5]).Sample((payloads, pieces) =>
        {
            var stream = StreamOf(payloads);
            Assert.Equal(payloads, Read(stream, pieces).Select(frame => frame.ToByteArray()));
        });

    [Fact]
    public void A_length_beyond_the_largest_is_refused_before_there_is_room_for_it()
    {
        using var reader = new FrameReader(Largest);
        Feed(reader, [.. BitConverter.GetBytes(Largest + 1)]);

        var refusal = Assert.Throws<InvalidDataException>(() => reader.TryTake(out _));

        Assert.Contains($"{Largest + 1}", refusal.Message);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\xff\xff\xff\xff")]
    public void What_is_no_frame_at_all_is_refused(string text)
    {
        using var reader = new FrameReader(Largest);
        Feed(reader, [.. text.Select(letter => (byte)letter)]);

        Assert.Throws<InvalidDataException>(() => reader.TryTake(out _));
    }

    [Fact]
    public void A_frame_of_the_largest_size_is_read()
    {
        var payload = new byte[Largest];
        var frame = Assert.Single(Read(StreamOf([payload]), [4_096]));
        Assert.Equal(Largest, frame.Length);
    }

    private static byte[] StreamOf(byte[][] payloads)
    {
        var stream = new ArrayBufferWriter<byte>();
        foreach (var payload in payloads)
            Frame.Write(ByteString.CopyFrom(payload), stream);
        return stream.WrittenSpan.ToArray();
    }

    private static List<ByteString> Read(byte[] stream, int[] pieces)
    {
        using var reader = new FrameReader(Largest);
        var frames = new List<ByteString>();
        for (var (at, turn) = (0, 0); at < stream.Length; turn++)
        {
            var room = reader.Room().Span;
            var piece = Math.Min(Math.Min(pieces[turn % pieces.Length], room.Length), stream.Length - at);
            Assert.True(piece > 0, "the reader has no room");
            stream.AsSpan(at, piece).CopyTo(room);
            reader.Advance(piece);
            at += piece;
            while (reader.TryTake(out var frame))
                frames.Add(frame);
        }

        return frames;
    }

    private static void Feed(FrameReader reader, byte[] bytes)
    {
        bytes.CopyTo(reader.Room().Span);
        reader.Advance(bytes.Length);
    }
}
