using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Tests.Raft;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>A frame that is too large vanishes with a log line: whatever lies in a queue, what goes to a consumer passes.</summary>
public sealed class FrameBoundTests() : TestKit(VirtualTime.Hocon)
{
    private const int Wrapping = 5;

    [Theory]
    [InlineData(Bounds.MaxReceiveBytes - 1, 1, Bounds.MaxMessageBytes, 2)] // the worst in bytes: almost enough, and then one of the largest
    [InlineData(Bounds.MaxMessageBytes, 1, Bounds.MaxMessageBytes, 8)]
    [InlineData(250, 2_000, 250, 1)] // the worst in number
    public void The_answer_to_a_pull_passes_a_remote_frame(int firstBytes, int firstCount, int bytes, int count)
    {
        var (host, client) = (Filled((firstBytes, firstCount), (bytes, count)), CreateTestProbe());
        host.Do(client, new Receive(HostBench.Orders, ConsumerId.New(), Bounds.MaxReceive, TimeSpan.Zero, TimeSpan.Zero));
        var received = Assert.IsType<Received>(Assert.Single(host.Told(client)));
        Assert.NotEqual(0, received.Deliveries.Count);
        AssertPasses(new ClientReply(long.MaxValue, received));
    }

    [Theory]
    [InlineData(Bounds.MaxMessageBytes, 70)]
    [InlineData(Bounds.MaxChunkBytes - 1, 100)]
    [InlineData(10, 5_000)]
    public void Every_frame_of_deliveries_passes(int bytes, int count)
    {
        var (host, client) = (Filled((bytes, count)), CreateTestProbe());
        host.Do(client, new Subscribe(HostBench.Orders, ConsumerId.New(), Bounds.MaxPrefetch, TimeSpan.Zero));
        var frames = host.Told(client).OfType<Deliver>().ToList();
        Assert.All(frames, AssertPasses);
        Assert.Equal(Math.Min(count, Math.Min(Bounds.MaxPrefetch, Bounds.MaxHeldBytes / bytes)), frames.Sum(frame => frame.Deliveries.Count));
    }

    [Fact]
    public void A_peek_passes()
    {
        var (host, client) = (Filled((Bounds.MaxMessageBytes, 8)), CreateTestProbe());
        host.Host.Tell(new Node.Raft.AskQuery(new Node.Raft.Origin(client, 1), new Peek(HostBench.Orders, 1, Bounds.MaxReceive)), host.Raft);
        AssertPasses(new ClientReply(1, Assert.IsType<Peeked>(Assert.Single(host.Told(client)))));
    }

    private HostBench Filled(params (int Bytes, int Count)[] messages)
    {
        var host = new HostBench(this, HostBench.Settings with { SnapshotBytes = long.MaxValue, SnapshotEntries = int.MaxValue });
        host.Lead();
        host.Do(CreateTestProbe(), new DeclareQueue(HostBench.Orders, QueueOptions.Default));
        foreach (var (bytes, count) in messages)
        {
            var body = new string('x', Math.Max(1, bytes - Wrapping));
            var batch = Math.Min(Bounds.MaxMessagesPerCommand, Math.Max(1, Bounds.MaxCommandBytes / bytes / 2));
            for (var left = count; left > 0; left -= batch)
                host.Do(CreateTestProbe(), host.Enqueue([.. Enumerable.Repeat(body, Math.Min(batch, left))]));
        }

        return host;
    }

    private static void AssertPasses(object message) => Assert.InRange(WireCodec.Encode(message).Length, 1, Bounds.MaxWireBytes);
}
