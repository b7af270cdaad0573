using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using Xunit;
using Envelope = RaftQueue.Contracts.Raft.Envelope;

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

    [Fact]
    [Trait("Category", "Fault")]
    public void F07_An_answer_that_is_too_large_becomes_a_refusal_that_names_it_and_is_logged()
    {
        var answer = new ClientReply(7, new Received(new QueueName("orders"), ConsumerId.New(), new DeliveryBlock(new byte[Bounds.MaxWireBytes], 0)));
        var serializer = Sys.Serialization.FindSerializerFor(answer);

        var bytes = EventFilter.Error(contains: "The answer Received has").ExpectOne(TimeSpan.FromSeconds(60), () => serializer.ToBinary(answer));

        var told = (ClientReply)WireCodec.Decode(WireCodec.ManifestOf(answer), bytes);
        var refused = Assert.IsType<Refused>(told.Reply);
        Assert.Equal((7, RefusalCode.TooLarge), (told.CorrelationId, refused.Code));
        Assert.Matches($"answer Received has [0-9]+ bytes; at most {Bounds.MaxWireBytes}", refused.Message);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public void F07_A_message_that_nobody_waits_for_and_that_is_too_large_is_refused_by_name()
    {
        var push = new Deliver(new QueueName("orders"), ConsumerId.New(), new DeliveryBlock(new byte[Bounds.MaxWireBytes], 0));
        var refusal = Assert.Throws<MalformedException>(() => Sys.Serialization.FindSerializerFor(push).ToBinary(push));
        Assert.Equal(RefusalCode.TooLarge, refusal.Code);
        Assert.Contains("The message c7 has", refusal.Message);
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData(Bounds.MaxSubscriptionsPerKeepAlive, true)]
    [InlineData(Bounds.MaxSubscriptionsPerKeepAlive + 1, false)]
    public void F07_A_sign_of_life_names_no_more_subscriptions_than_pass(int count, bool isRead)
    {
        var name = new QueueName(new string('q', QueueName.MaxLength));
        var alive = new KeepAlive(new GroupId(0), [.. Enumerable.Range(0, count).Select(_ => new LiveSubscription(name, ConsumerId.New(), long.MaxValue))]);
        var bytes = WireCodec.Encode(alive);
        Assert.InRange(bytes.Length, 1, Bounds.MaxWireBytes);
        var read = Sys.Serialization.Deserialize(bytes, RaftQueueSerializer.Number, WireCodec.ManifestOf(alive));
        Assert.Equal(isRead, read is KeepAlive);
        Assert.Equal(isRead, read is not Unreadable);
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData(Bounds.MaxAddressLength, true)]
    [InlineData(Bounds.MaxAddressLength + 1, false)]
    public void F07_A_node_is_not_taken_in_under_an_address_that_no_welcome_could_hold(int length, bool isRead)
    {
        var other = new Introduction(new NodeId("n2"), new Incarnation(Guid.NewGuid()), new string('a', length), IsAnswerWanted: true);
        var read = Sys.Serialization.Deserialize(WireCodec.Encode(other), RaftQueueSerializer.Number, WireCodec.ManifestOf(other));
        Assert.Equal(isRead, read is Introduction);
    }

    [Theory]
    [Trait("Category", "Fault")]
    [InlineData(Bounds.MaxPieceBytes, true)]
    [InlineData(Bounds.MaxPieceBytes + 1, false)]
    [InlineData(int.MaxValue, false)]
    public void F15_A_chunk_that_announces_a_piece_beyond_the_bound_is_not_read(int pieceLength, bool isRead)
    {
        var meta = new SnapshotMeta(new LogIndex(5), new Term(1), LogTime.Zero, Configuration.Empty, 1);
        var chunk = new InstallSnapshot(new GroupId(0), new Term(1), meta, SnapshotCursor.Start, pieceLength, new byte[10], 1);
        var envelope = new Envelope(new NodeId("n1"), Incarnation.Unknown, new NodeId("n2"), Incarnation.Unknown, chunk);
        var read = Sys.Serialization.Deserialize(WireCodec.Encode(envelope), RaftQueueSerializer.Number, WireCodec.ManifestOf(envelope));
        Assert.Equal(isRead, read is Envelope);
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }
}
