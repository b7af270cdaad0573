using Google.Protobuf;
using RaftQueue.Contracts.Remoting;
using Xunit;

namespace RaftQueue.Node.Tests.Remoting;

/// <summary>What connections may hold and how many there may be.</summary>
[Trait("Category", "Fault")]
public sealed class ConnectionBoundTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public void F15_A_connection_may_hold_as_much_as_is_free_and_an_empty_one_takes_a_message_always()
    {
        var budget = new SendBudget(100);
        Assert.True(budget.TryHold(0, 40));
        Assert.True(budget.TryHold(40, 10));
        Assert.False(budget.TryHold(50, 10)); // half of all is the share of a single one
        Assert.True(budget.TryHold(0, 25));
        Assert.False(budget.TryHold(25, 1)); // a third each
        Assert.True(budget.TryHold(0, 1_000));
        budget.Release(1_075);
        Assert.True(budget.TryHold(25, 1));
    }

    [Fact]
    public void F15_The_oldest_connection_without_a_handshake_gives_way_to_a_newcomer()
    {
        var (handshakes, closed) = (new Handshakes(2), new List<string>());
        handshakes.Enter(() => closed.Add("first"));
        var second = handshakes.Enter(() => closed.Add("second"));
        handshakes.Enter(() => closed.Add("third"));
        Assert.Equal(["first"], closed);
        handshakes.Leave(second);
        handshakes.Enter(() => closed.Add("fourth"));
        Assert.Equal(["first"], closed);
        handshakes.Leave(second); // once more does nothing
        handshakes.Enter(() => closed.Add("fifth"));
        Assert.Equal(["first", "third"], closed);
        Assert.Equal(2, handshakes.GaveWay);
    }

    [Fact]
    public void F15_A_frame_that_is_announced_gets_room_only_as_its_bytes_come()
    {
        using var frames = new FrameReader(1 << 30);
        BitConverter.TryWriteBytes(frames.Room().Span, 1 << 29);
        frames.Advance(Frame.LengthBytes);
        for (var received = Frame.LengthBytes; received < 1 << 20;)
        {
            Assert.False(frames.TryTake(out _));
            var room = frames.Room();
            Assert.InRange(room.Length, 1, Math.Max(8 * received, 64 * 1024));
            frames.Advance(room.Length);
            received += room.Length;
        }
    }

    [Fact]
    public async Task F15_A_connection_has_two_batches_on_their_way_and_few_connections_at_a_time_have_any()
    {
        var gate = new InboundGate();
        Assert.Null(gate.Enter()); // not open yet
        gate.Open("akka.tcp://raftqueue@127.0.0.1:1/user/raftqueue/gateway");
        var turns = gate.Turns.CurrentCount;
        var passages = Enumerable.Range(0, turns + 1).Select(_ => gate.Enter()!).ToList();
        foreach (var passage in passages.Take(turns))
            await passage.BeginAsync(Patience, CancellationToken.None);
        await passages[0].BeginAsync(Patience, CancellationToken.None);

        var third = passages[0].BeginAsync(Patience, CancellationToken.None).AsTask();
        var other = passages[turns].BeginAsync(Patience, CancellationToken.None).AsTask();
        Assert.False(third.IsCompleted || other.IsCompleted);
        passages[0].End();
        await third.WaitAsync(Patience);
        Assert.False(other.IsCompleted);
        passages[1].Close(); // one that ends gives its turn on, whatever has become of its batches
        await other.WaitAsync(Patience);
        passages[1].End();
        Assert.Equal(0, gate.Turns.CurrentCount);
    }

    [Fact]
    public async Task F15_A_connection_whose_batches_are_not_worked_off_is_given_up()
    {
        var gate = new InboundGate();
        gate.Open("akka.tcp://raftqueue@127.0.0.1:1/user/raftqueue/gateway");
        var passage = gate.Enter()!;
        await passage.BeginAsync(Patience, CancellationToken.None);
        await passage.BeginAsync(Patience, CancellationToken.None);
        await Assert.ThrowsAsync<TimeoutException>(() => passage.BeginAsync(TimeSpan.Zero, CancellationToken.None).AsTask());
    }

    [Fact]
    public void F15_A_mark_that_this_process_did_not_make_is_none()
    {
        var gate = new InboundGate();
        gate.Open("akka.tcp://raftqueue@127.0.0.1:1/user/raftqueue/gateway");
        gate.Enter();
        Assert.False(gate.TryFind(new byte[24], out _));
        Assert.False(gate.TryFind([], out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("\x12\x7f")]
    public void F15_A_first_frame_that_is_no_handshake_names_nobody(string frame) =>
        Assert.Null(HandshakeFrame.OriginOf(ByteString.CopyFromUtf8(frame)));
}
