using Akka.Configuration;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.MultiNode.Tests.Queues;

namespace RaftQueue.MultiNode.Tests.BadInput;

/// <summary>Frames that are not what they should be, on the real wire: the sender is told, the connection and the node live on.</summary>
[Collection(SharedCluster.Name)]
public sealed class WireSpecs(SharedCluster shared) : TestKit(Stranger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly Config Stranger = ConfigurationFactory.ParseString($$"""
        akka.actor {
          serializers.raw = "{{typeof(RawFrameSerializer).AssemblyQualifiedName}}"
          serialization-bindings { "{{typeof(RawFrame).AssemblyQualifiedName}}" = raw }
        }
        """).WithFallback(ClientSystems.Config);

    [Theory]
    [InlineData("zz")]
    [InlineData("")]
    [InlineData("System.Diagnostics.Process, System")]
    public async Task An_unknown_manifest_is_refused_by_name(string manifest)
    {
        await TellGatewayAsync(new RawFrame(manifest, [1, 2, 3]));

        var refused = await ExpectRefusalAsync();

        Assert.Equal(RefusalCode.Malformed, refused.Code);
        Assert.Contains($"\"{manifest}\"", refused.Message);
        await NodeGoesOnAsync();
    }

    [Theory]
    [InlineData(Manifests.CommandRequest)]
    [InlineData(Manifests.QueryRequest)]
    [InlineData(Manifests.AdminRequest)]
    [InlineData(Manifests.KeepAlive)]
    public async Task A_malformed_frame_is_refused(string manifest)
    {
        await TellGatewayAsync(new RawFrame(manifest, [0xff, 0xff, 0xff, 0xff]));

        Assert.Equal(RefusalCode.Malformed, (await ExpectRefusalAsync()).Code);
        await NodeGoesOnAsync();
    }

    [Fact]
    public async Task A_command_that_is_none_is_refused_under_its_number_and_never_logged()
    {
        await using var quiet = await TestCluster.StartAsync(1);
        var leader = await quiet.LeaderAsync();
        await Eventually.HoldsAsync("its own life is in the log", async () => (await leader.StatusAsync())!.Members.Members[0].Incarnation.IsKnown);
        var before = (await quiet.AgreeAsync()).LastIndex;

        Tell(leader, "gateway", FrameOf(new CommandRequest(77, new GroupId(0), new byte[] { 0xff, 0xff, 0xff })));

        var reply = await ExpectMsgAsync<ClientReply>(Patience);
        Assert.Equal(77, reply.CorrelationId);
        Assert.Equal(RefusalCode.Malformed, Assert.IsType<Refused>(reply.Reply).Code);
        Assert.Equal(before, (await leader.StatusAsync())!.LastIndex);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_group_that_does_not_exist_is_refused(int group)
    {
        await TellGatewayAsync(FrameOf(new AdminRequest(78, new GroupId(group), GetStatus.Instance)));

        Assert.NotEqual(RefusalCode.Unknown, (await ExpectRefusalAsync()).Code);
        await NodeGoesOnAsync();
    }

    [Fact]
    public async Task Peers_take_no_harm_from_frames_that_are_no_peers_word()
    {
        var leader = await shared.Cluster.LeaderAsync();
        var before = await shared.Cluster.AgreeAsync();

        Tell(leader, "peers", new RawFrame("zz", [1, 2, 3]));
        Tell(leader, "peers", new RawFrame(Manifests.AppendEntries, [0xff, 0xff, 0xff, 0xff]));
        Tell(leader, "peers", FrameOf(new Hello(1)));
        Tell(leader, "gateway", FrameOf(new Envelope(
            new NodeId("nobody"), Incarnation.Unknown, new NodeId(leader.Name), Incarnation.Unknown, new TimeoutNow(new GroupId(0), new Term(99)))));

        await NodeGoesOnAsync();
        Assert.Same(leader, await shared.Cluster.LeaderAsync());
        Assert.Equal(before.Term, (await leader.StatusAsync())!.Term);
    }

    private async Task TellGatewayAsync(RawFrame frame) => Tell(await shared.Cluster.LeaderAsync(), "gateway", frame);

    private void Tell(TestNode node, string actor, RawFrame frame) => Sys.ActorSelection($"{node.Address}/user/raftqueue/{actor}").Tell(frame, TestActor);

    private static RawFrame FrameOf(object message) => new(WireCodec.ManifestOf(message), WireCodec.Encode(message));

    private async Task<Refused> ExpectRefusalAsync() => Assert.IsType<Refused>((await ExpectMsgAsync<ClientReply>(Patience)).Reply);

    // Over the same connection, so that what came before has been read.
    private async Task NodeGoesOnAsync()
    {
        await TellGatewayAsync(FrameOf(new Hello(79)));
        Assert.Equal(3, (await ExpectMsgAsync<Welcome>(Patience)).Nodes.Length);
        await using var producer = shared.Client.CreateProducer<string>("after-bad-frames");
        await shared.Client.DeclareQueueAsync("after-bad-frames");
        await producer.SendAsync("still here");
    }
}
