using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using Xunit;

namespace RaftQueue.Node.Tests.Wire;

public sealed class RaftQueueSerializerTests() : TestKit(Config)
{
    private static readonly Config Config = RaftQueueSerializer.Config.WithFallback("akka.actor.serialize-messages = on");

    [Fact]
    public void Everything_that_is_sent_is_bound_to_our_serializer()
    {
        var sent = Samples.All.Select(sample => sample.Value).Where(value => value is RaftQueue.Contracts.Raft.Envelope or IClientMessage).ToList();
        Assert.NotEmpty(sent);
        foreach (var message in sent)
        {
            var serializer = Assert.IsType<RaftQueueSerializer>(Sys.Serialization.FindSerializerFor(message));
            Assert.Equal(7410, serializer.Identifier);
            var read = Sys.Serialization.Deserialize(serializer.ToBinary(message), serializer.Identifier, serializer.Manifest(message));
            Assert.Equal(ValueText.Of(message), ValueText.Of(read));
        }
    }

    [Fact]
    public void A_message_arrives_as_it_was_sent()
    {
        var request = new CommandRequest(1, new GroupId(0), CommandCodec.Encode(Tick.Instance));
        Sys.ActorOf(Props.Create(() => new Echo())).Tell(request);
        Assert.Equal(ValueText.Of(request), ValueText.Of(ExpectMsg<CommandRequest>()));
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
