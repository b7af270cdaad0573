using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Remote;
using Akka.Serialization;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

/// <summary>A stranger that speaks Akka but not our language, over real remoting on loopback.</summary>
public sealed class RemotingTests() : TestKit(RaftQueueSerializer.Config.WithFallback(Remoting))
{
    private static readonly Config Remoting = """
        akka {
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
        }
        """;

    [Fact]
    public async Task A_bad_frame_costs_one_message_and_not_the_connection()
    {
        var closings = CreateTestProbe();
        Sys.EventStream.Subscribe(closings, typeof(DisassociatedEvent));
        Sys.EventStream.Subscribe(closings, typeof(AssociationErrorEvent));
        var setup = SerializationSetup.Create(system => [SerializerDetails.Create("raw", new RawSerializer(system), [typeof(RawFrame)])]);
        var stranger = ActorSystem.Create("stranger", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Remoting), setup));
        try
        {
            var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
            var here = await stranger.ActorSelection(new RootActorPath(address) / TestActor.Path.Elements.ToArray()).ResolveOne(TimeSpan.FromSeconds(10));

            here.Tell(new RawFrame(Manifests.Hello, WireCodec.Encode(new Hello(1))));
            here.Tell(new RawFrame(Manifests.AppendEntries, [1, 2, 3]));
            here.Tell(new RawFrame("no such manifest", [1]));
            here.Tell(new RawFrame(Manifests.Hello, WireCodec.Encode(new Hello(2))));

            Assert.Equal(new Hello(1), ExpectMsg<Hello>(TimeSpan.FromSeconds(10)));
            Assert.Equal(Manifests.AppendEntries, ExpectMsg<Unreadable>(TimeSpan.FromSeconds(10)).Manifest);
            Assert.Equal("no such manifest", ExpectMsg<Unreadable>(TimeSpan.FromSeconds(10)).Manifest);
            Assert.Equal(new Hello(2), ExpectMsg<Hello>(TimeSpan.FromSeconds(10)));
            Assert.False(closings.HasMessages, "a bad frame closed the association");
        }
        finally
        {
            await stranger.Terminate();
        }
    }

    private sealed record RawFrame(string Manifest, byte[] Bytes);

    /// <summary>Bears our serializer's number, but sends what it is told.</summary>
    private sealed class RawSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override int Identifier => RaftQueueSerializer.Number;

        public override string Manifest(object o) => ((RawFrame)o).Manifest;

        public override byte[] ToBinary(object obj) => ((RawFrame)obj).Bytes;

        public override object FromBinary(byte[] bytes, string manifest) => new RawFrame(manifest, bytes);
    }
}
