using Akka.Actor;
using Akka.TestKit.Xunit2;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Queue;
using Xunit;

namespace RaftQueue.Node.Tests.Queue;

/// <summary>What was handed to remoting and is not encoded yet is counted, and bounded.</summary>
[Trait("Category", "Fault")]
public sealed class UnsentAnswersTests : TestKit
{
    private readonly IActorRef _remote;
    private readonly UnsentAnswers _unsent;
    private readonly RaftQueueSerializer _serializer;
    private int _calls;

    public UnsentAnswersTests()
        : base("""
            akka { loglevel = WARNING, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
            """)
    {
        _remote = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef("akka.tcp://client@127.0.0.1:1/user/client");
        _unsent = new UnsentAnswers(1_000, () => _calls++);
        _serializer = new RaftQueueSerializer((ExtendedActorSystem)Sys);
    }

    [Fact]
    public void F15_Answers_count_until_they_are_encoded_and_whoever_waits_is_called_once()
    {
        var answers = Enumerable.Range(0, 3).Select(_ => _unsent.Watched(Answer(400), _remote)).ToList();
        Assert.False(_unsent.HasRoom);
        _unsent.WaitForRoom();
        Assert.Equal(0, _calls);

        answers.ForEach(answer => _serializer.ToBinary(answer));

        Assert.True(_unsent.HasRoom);
        Assert.Equal(1, _calls);
        _unsent.WaitForRoom();
        Assert.Equal(2, _calls);
    }

    [Fact]
    public void F15_An_answer_within_the_process_never_becomes_bytes_and_does_not_count()
    {
        for (var i = 0; i < 10; i++)
            Assert.Null(_unsent.Watched(Answer(400), TestActor).Watch);
        Assert.True(_unsent.HasRoom);
    }

    [Fact]
    public void F15_What_was_discarded_with_its_connection_is_forgotten_after_a_while()
    {
        for (var i = 0; i < 5; i++)
            _unsent.Watched(Answer(400), _remote);
        _unsent.ForgetDiscarded();
        Assert.False(_unsent.HasRoom); // it may have come a moment ago
        _unsent.ForgetDiscarded();
        Assert.True(_unsent.HasRoom);

        _serializer.ToBinary(_unsent.Watched(Answer(999), _remote));
        Assert.True(_unsent.HasRoom);
        _unsent.Watched(Answer(1_000), _remote);
        Assert.False(_unsent.HasRoom); // nothing was forgotten twice
    }

    private static ClientReply Answer(int bytes) =>
        new(1, new Received(new QueueName("orders"), ConsumerId.New(), new DeliveryBlock(new byte[bytes], 0)));
}
