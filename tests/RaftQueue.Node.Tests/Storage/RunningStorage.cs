using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Tests.Storage;

/// <summary>A node's storage with an actor system over it, wired as a node wires it.</summary>
public sealed class RunningStorage : IAsyncDisposable
{
    private RunningStorage(NodeStorage storage, ActorSystem system, StorageSettings settings)
    {
        Storage = storage;
        System = system;
        Pieces = PieceStore.Of(system, settings);
    }

    public NodeStorage Storage { get; }

    public ActorSystem System { get; }

    public PieceStore Pieces { get; }

    public static RunningStorage Start(string hocon, string node)
    {
        var settings = StorageSettings.Create(ConfigurationFactory.ParseString(hocon));
        var storage = NodeStorage.Open(settings, node);
        var config = ConfigurationFactory.ParseString("akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off }")
            .WithFallback(storage.Plugins);
        var setup = storage.AddTo(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config)));
        return new RunningStorage(storage, ActorSystem.Create("storage-test", setup), settings);
    }

    public IActorRef Remember(string persistenceId, IActorRef? failures = null) =>
        System.ActorOf(Props.Create(() => new RememberingActor(persistenceId, failures ?? ActorRefs.Nobody)));

    /// <summary>An actor that completes <paramref name="first"/> with the first message that it hears.</summary>
    public IActorRef Listen(TaskCompletionSource<object> first) =>
        System.ActorOf(Props.Create(() => new Listener(first)));

    public async ValueTask DisposeAsync()
    {
        await System.Terminate();
        Storage.Dispose();
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(TaskCompletionSource<object> first) => ReceiveAny(message => first.TrySetResult(message));
    }
}
