using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Node.Tests.Client;

/// <summary>
/// A node as a client sees it: a gateway behind real loopback remoting that answers by script. What it hears is kept, so that a test can
/// say what must have gone over the wire.
/// </summary>
internal sealed class FakeNode : IAsyncDisposable
{
    private readonly ActorSystem _system;
    private readonly ConcurrentQueue<IClientMessage> _heard = [];
    private readonly Queue<Action> _withheld = [];
    private volatile bool _isWithholding;
    private readonly IActorRef _gateway;
    private IActorRef? _client;

    private FakeNode(string name)
    {
        Name = new NodeId(name);
        _system = ActorSystem.Create("raftqueue", ConfigurationFactory.ParseString("""
            akka {
              loglevel = WARNING
              stdout-loglevel = WARNING
              log-dead-letters = off
              actor.provider = remote
              remote.log-remote-lifecycle-events = off
              remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0, maximum-frame-size = 1MiB, send-buffer-size = 2MiB, receive-buffer-size = 2MiB }
            }
            """).WithFallback(RaftQueueSerializer.Config));
        Address = ((ExtendedActorSystem)_system).Provider.DefaultAddress.ToString();
        _gateway = _system.ActorOf(Akka.Actor.Props.Create(() => new Parent(this)), "raftqueue");
        Cluster = [this];
    }

    public NodeId Name { get; }

    public string Address { get; }

    public NodeAddress AsAddress => new(Name, Address);

    /// <summary>The nodes that it tells of.</summary>
    public ImmutableArray<FakeNode> Cluster { get; set; }

    /// <summary>Whom it takes for the leader of each group.</summary>
    public ImmutableArray<FakeNode?> Leaders { get; set; } = [null];

    /// <summary>What it says that a group without a leader waits for.</summary>
    public string Awaited { get; set; } = "";

    /// <summary>How it answers requests; null for no answer.</summary>
    public Func<object, IReply?> Script { get; set; } = _ => null;

    /// <summary>While set, answers are kept back until <see cref="Release()"/>.</summary>
    public bool IsWithholding
    {
        get => _isWithholding;
        set => _isWithholding = value;
    }

    /// <summary>The most answers that were kept back at one time: as many requests were on their way together.</summary>
    public int MostWithheld { get; private set; }

    public IEnumerable<T> Heard<T>() => _heard.OfType<T>();

    public IEnumerable<T> HeardCommands<T>() where T : ICommand => Heard<CommandRequest>().Select(request => CommandCodec.Decode(request.Command)).OfType<T>();

    /// <summary>A node that leads all groups of a cluster of its own.</summary>
    public static FakeNode Leading(Func<object, IReply?> script, string name = "a")
    {
        var node = new FakeNode(name) { Script = script };
        node.Leaders = [node];
        return node;
    }

    public static FakeNode Following(string name) => new(name);

    public void Push(IClientMessage message) => _client!.Tell(message, _gateway);

    public void Release() => _gateway.Tell(new LetGo(int.MaxValue, EndsWithholding: true));

    public void ReleaseSome(int count) => _gateway.Tell(new LetGo(count, EndsWithholding: false));

    public async ValueTask DisposeAsync() => await _system.Terminate();

    private void Hear(IClientMessage message, IActorRef client, IActorRef self)
    {
        _client = client;
        _heard.Enqueue(message);
        Answer(message, client, self);
    }

    private void Answer(IClientMessage message, IActorRef client, IActorRef self)
    {
        if (message is Hello hello)
        {
            client.Tell(new Welcome(hello.CorrelationId, [.. Leaders.Select((leader, group) => new GroupLeader(new GroupId(group), leader?.Name, Awaited: leader is null ? Awaited : ""))], [.. Cluster.Select(node => node.AsAddress)]), self);
            return;
        }

        var (id, request) = message switch
        {
            CommandRequest command => (command.CorrelationId, CommandCodec.Decode(command.Command)),
            QueryRequest query => (query.CorrelationId, query.Query),
            AdminRequest admin => (admin.CorrelationId, (object)admin),
            _ => (0, null!),
        };
        if (request is null || Script(request) is not { } reply)
            return;
        void Send() => client.Tell(new ClientReply(id, reply), self);
        if (_isWithholding)
        {
            _withheld.Enqueue(Send);
            MostWithheld = Math.Max(MostWithheld, _withheld.Count);
        }
        else
        {
            Send();
        }
    }

    private void Release(LetGo answers)
    {
        if (answers.EndsWithholding)
            _isWithholding = false;
        for (var i = 0; i < answers.Count && _withheld.TryDequeue(out var send); i++)
            send();
    }

    /// <summary>Handled by the gateway itself, after what it has heard before: no answer is kept back behind its release.</summary>
    private sealed record LetGo(int Count, bool EndsWithholding);

    private sealed class Parent : ReceiveActor
    {
        public Parent(FakeNode node)
        {
            var gateway = Context.ActorOf(Akka.Actor.Props.Create(() => new Gateway(node)), "gateway");
            ReceiveAny(gateway.Forward);
        }
    }

    private sealed class Gateway : ReceiveActor
    {
        public Gateway(FakeNode node)
        {
            Receive<IClientMessage>(message => node.Hear(message, Sender, Self));
            Receive<LetGo>(node.Release);
        }
    }
}
