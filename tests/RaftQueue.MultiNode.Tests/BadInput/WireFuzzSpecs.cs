using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node.Tests.Wire;
using Xunit.Abstractions;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>
/// Mutated frames at the two doors of a node, over real remoting. <c>RAFTQUEUE_FUZZ_FRAMES=1000000</c> sends more of them, <c>RAFTQUEUE_FUZZ_SEED</c> others.
/// </summary>
/// <remarks>
/// What a peer says is believed when it is well-formed: who may speak as a peer is a matter of TLS. So the envelopes here are for other nodes, other groups or other
/// lives, and none of them may get through.
/// </remarks>
public sealed class WireFuzzSpecs(ITestOutputHelper output) : TestKit(Stranger)
{
    private const int FramesPerRound = 1_000;
    private const int MostNodes = 256;
    private const long Leak = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly int Frames = Setting("RAFTQUEUE_FUZZ_FRAMES", 10_000);
    private static readonly int Seed = Setting("RAFTQUEUE_FUZZ_SEED", 7_410);

    private static readonly Config Stranger = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.raw = "{{typeof(RawFrameSerializer).AssemblyQualifiedName}}"
          serialization-bindings { "{{typeof(RawFrame).AssemblyQualifiedName}}" = raw }
        }
        """).WithFallback(ClientSystems.Config);

    [Theory]
    [InlineData("gateway")]
    [InlineData("peers")]
    public async Task Mutated_frames_neither_stop_a_node_nor_fill_it_nor_touch_what_it_holds(string door)
    {
        await using var cluster = await TestCluster.StartAsync(1);
        var (node, client) = (cluster.Nodes[0], await cluster.ConnectAsync());
        await using var load = await Load.StartAsync(client, "kept");
        await load.VerifyAsync();
        var (before, kept) = (await node.StatusAsync(), await QueueContents.ReadAsync(client, "kept"));

        var answers = Sys.ActorOf(Akka.Actor.Props.Create(() => new Answers()));
        var target = await ResolveAsync(node, door);
        await SendAsync(node, target, answers, Frames / 10); // what is made once, such as compiled code, is no leak
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        await SendAsync(node, target, answers, Frames);
        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;

        var (refused, others) = await answers.Ask<(long, long)>(Answers.Count.Instance, Patience);
        output.WriteLine($"{door}: {Frames} frames of seed {Seed}, {refused} answered by a refusal, {others} otherwise; memory {grown >> 10} KiB more");
        Assert.True(door == "peers" || refused > Frames / 10, $"only {refused} refusals: the fuzz tests little");
        Assert.True(grown < Leak, $"{grown >> 10} KiB more than before, after {Frames} frames");
        var after = await node.StatusAsync();
        Assert.Equal((before!.Term, before.Incarnation, before.Role), (after!.Term, after.Incarnation, after.Role));
        Assert.Equal(kept, await QueueContents.ReadAsync(client, "kept"));
        await using var producer = client.CreateProducer<string>("kept");
        await producer.SendAsync("still here");
    }

    private async Task<IActorRef> ResolveAsync(TestNode node, string door) =>
        await Sys.ActorSelection($"{node.Address}/user/raftqueue/{door}").ResolveOne(Patience);

    // In rounds, so that neither side holds more than a round of them; over one connection, so that the end of a round has passed all of it.
    private async Task SendAsync(TestNode node, IActorRef target, IActorRef answers, int frames)
    {
        var samples = FramesFor(node).ToList();
        var mutator = new FrameMutator(Seed, [.. samples.Select(sample => sample.Bytes)]);
        var gateway = await ResolveAsync(node, "gateway");
        for (var sent = 0; sent < frames;)
        {
            for (var end = Math.Min(frames, sent + FramesPerRound); sent < end; sent++)
            {
                var sample = samples[sent % samples.Count];
                target.Tell(sample with { Bytes = mutator.Mutate(sample.Bytes) }, answers);
            }

            gateway.Tell(FrameOf(new Hello(sent)), TestActor);
            var welcome = await ExpectMsgAsync<Welcome>(Patience);
            Assert.True(welcome.CorrelationId == sent, $"after {sent} frames of seed {Seed} it answers {welcome}");
            Assert.InRange(welcome.Nodes.Length, 1, MostNodes);
        }
    }

    // Commands and questions as they are, and again for the group that exists.
    private static IEnumerable<RawFrame> FramesFor(TestNode node)
    {
        var group = new GroupId(0);
        foreach (var sample in Samples.All)
        {
            if (sample.Name.StartsWith("wire.", StringComparison.Ordinal))
                yield return FrameOf(sample.Value);
            if (sample.Value is Envelope envelope)
                yield return FrameOf(envelope with { To = new NodeId(node.Name) });
            if (sample.Value is ICommand command)
                yield return FrameOf(new CommandRequest(7, group, CommandCodec.Encode(command)));
            if (sample.Value is IQuery query)
                yield return FrameOf(new QueryRequest(8, group, query));
        }
    }

    private static RawFrame FrameOf(object message) => new(WireCodec.ManifestOf(message), WireCodec.Encode(message));

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : otherwise;

    /// <summary>Takes in the answers and only counts them.</summary>
    private sealed class Answers : ReceiveActor
    {
        private long _refused;
        private long _others;

        public Answers()
        {
            Receive<Count>(_ => Sender.Tell((_refused, _others)));
            Receive<ClientReply>(reply => reply.Reply is Refused, _ => _refused++);
            ReceiveAny(_ => _others++);
        }

        public sealed record Count
        {
            public static readonly Count Instance = new();
        }
    }
}
