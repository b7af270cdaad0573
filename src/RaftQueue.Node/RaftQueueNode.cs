using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Event;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Contracts.Tls;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node.Diagnostics;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node;

/// <summary>
/// A running node: one server of a RaftQueue cluster, with an actor system of its own or within that of an application.
/// </summary>
/// <example>
/// <code>
/// await using var node = RaftQueueNode.Start(HoconFile.Load("node1.conf"));
/// Console.WriteLine((await node.Terminated).Reason);
/// </code>
/// </example>
public sealed class RaftQueueNode : IAsyncDisposable
{
    /// <summary>The name of the actor system that a node of its own runs in.</summary>
    public const string DefaultSystemName = "raftqueue";

    // A node that cannot go on, and whose actor system does not stop in this time, has ended all the same.
    private static readonly TimeSpan LongestShutdown = TimeSpan.FromSeconds(20);

    private static readonly ConditionalWeakTable<ActorSystem, RaftQueueNode> s_nodes = [];

    private readonly NodeStorage _storage;
    private readonly TerminationSignal _signal = new();

    private RaftQueueNode(ActorSystem system, RaftQueueSettings settings, NodeStorage storage)
    {
        storage.Fix(settings.Groups, system.Name);
        System = system;
        Settings = settings;
        _storage = storage;
        var (incarnation, pieces) = (new Incarnation(storage.Incarnation), PieceStore.Of(system, settings.Storage));
        // Who was repaired has lost what it knew: it may not found the cluster a second time, not even if all others have lost it too.
        var raft = storage.Rejoins ? settings.Raft with { Rules = settings.Raft.Rules with { FirstMembers = [] } } : settings.Raft;
        var signal = _signal;
        var supervisor = system.ActorOf(Props.Create(() => new NodeSupervisor(signal)), NodeSupervisor.Name);
        Root = system.ActorOf(Props.Create(() => new NodeActor(settings, raft, incarnation, pieces, supervisor, signal)), "raftqueue");
        supervisor.Tell(new NodePart("the root of the node", Root));
        ClusterLeave.Bound(system);
        HandOverBeforeStopping(system, Root, settings.Raft.Rules.TransferTimeout * 2, signal);
        WhenStopped = system.WhenTerminated.ContinueWith(_ => storage.Dispose(), TaskScheduler.Default);
        Terminated = TerminateAsync();
        s_nodes.Add(system, this);
    }

    /// <summary>The actor system that the node runs in.</summary>
    public ActorSystem System { get; }

    /// <summary>The root of the node's actors.</summary>
    public IActorRef Root { get; }

    /// <summary>What the node was configured with.</summary>
    public RaftQueueSettings Settings { get; }

    /// <summary>Where other nodes and clients reach this node, such as <c>akka.tcp://raftqueue@127.0.0.1:7001</c>.</summary>
    public string Address => Cluster.Get(System).SelfAddress.ToString();

    /// <summary>Where the data lies, for people; without secrets.</summary>
    public string StorageDescription => _storage.Description;

    /// <summary>The life of this node's data.</summary>
    public Incarnation Incarnation => new(_storage.Incarnation);

    /// <summary>Completes when the node has stopped, however that came, and its data directory is free for another process.</summary>
    public Task WhenStopped { get; }

    /// <summary>
    /// Completes when the node has ended, with the reason. A node that cannot go on, because an actor that it cannot work without has died
    /// or another node has its name, stops its actor system, also that of an application that embeds it.
    /// </summary>
    public Task<NodeTermination> Terminated { get; }

    /// <summary>The node that runs in an application's actor system; null where none does.</summary>
    public static RaftQueueNode? Of(ActorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        return s_nodes.TryGetValue(system, out var node) ? node : null;
    }

    /// <summary>Starts a node in an actor system of its own.</summary>
    /// <param name="config">The node's configuration: <c>raftqueue</c>, and of <c>akka</c> at least where to listen and the seed nodes.</param>
    /// <param name="systemName">The name of the actor system; the same on all nodes.</param>
    /// <exception cref="RaftQueueConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory is another's, in use, or cannot be written.</exception>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    /// <exception cref="NodeStartException">The address is taken, or is not this machine's.</exception>
    public static RaftQueueNode Start(Config config, string systemName = DefaultSystemName)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(systemName);
        return StartWith(RaftQueueSettings.Create(config), config, systemName);
    }

    internal static RaftQueueNode StartWith(RaftQueueSettings settings, Config config, string systemName)
    {
        var storage = NodeStorage.Open(settings.Storage, settings.Node.Value);
        try
        {
            storage.Fix(settings.Groups, systemName);
            ListeningAddress.Of(config).EnsureFree();
            var bootstrap = BootstrapSetup.Create().WithConfig(Configure(config, storage)).WithActorRefProvider(ProviderSelection.Cluster.Instance);
            return Join(ActorSystem.Create(systemName, storage.AddTo(ActorSystemSetup.Create(bootstrap, AkkaLogFilter.Setup))), settings, storage);
        }
        catch (Exception failure)
        {
            storage.Dispose();
            if (failure is not NodeStartException && Cause<SocketException>(failure) is { } socket)
                throw ListeningAddress.Of(config).Refuse(socket, failure);
            throw;
        }
    }

    /// <summary>Starts a node within an application's actor system, which was created with <see cref="Configure"/> and <see cref="NodeStorage.AddTo"/>.</summary>
    public static RaftQueueNode Join(ActorSystem system, RaftQueueSettings settings, NodeStorage storage)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(storage);
        return new RaftQueueNode(system, settings, storage);
    }

    /// <summary>An application's configuration, completed by what a node needs.</summary>
    /// <param name="config">The application's configuration; it goes first.</param>
    /// <param name="storage">The node's opened storage.</param>
    /// <exception cref="RaftQueueConfigurationException">A setting of TLS, or a certificate, cannot be used.</exception>
    public static Config Configure(Config config, NodeStorage storage)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(storage);
        return TlsSettings.Complete(config)
            .WithFallback(RaftQueueSettings.DefaultConfig)
            .WithFallback(RaftQueueSerializer.Config)
            .WithFallback(SocketTransport.Default)
            .WithFallback(storage.Plugins);
    }

    /// <summary>
    /// Stops the node in good order: leadership is handed over first, so that no send fails. An embedding application's system stops with it.
    /// </summary>
    public async Task StopAsync()
    {
        await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance).ConfigureAwait(false);
        await WhenStopped.ConfigureAwait(false);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await StopAsync().ConfigureAwait(false);

    private async Task<NodeTermination> TerminateAsync()
    {
        if (await Task.WhenAny(_signal.WhenFailed, WhenStopped).ConfigureAwait(false) == WhenStopped && !_signal.WhenFailed.IsCompleted)
            return StoppedBy(CoordinatedShutdown.Get(System).ShutdownReason);
        var failure = await _signal.WhenFailed.ConfigureAwait(false);
        System.Log.Error("This node stops: {0}", failure.Reason);
        _ = CoordinatedShutdown.Get(System).Run(NodeFailedReason.Instance);
        await Task.WhenAny(WhenStopped, Task.Delay(LongestShutdown)).ConfigureAwait(false);
        return failure;
    }

    private static NodeTermination StoppedBy(CoordinatedShutdown.Reason? reason) => new(
        NodeTerminationCause.Stopped, $"its actor system was stopped{(reason is null ? "" : $" ({reason.GetType().Name})")}.");

    private static void HandOverBeforeStopping(ActorSystem system, IActorRef root, TimeSpan timeout, TerminationSignal signal) =>
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "raftqueue-hand-over", async () =>
        {
            signal.BeginStopping();
            try
            {
                await root.Ask<NodeHandedOver>(new HandOver(), timeout).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                system.Log.Warning("Leadership could not be handed over within {0} ms; the others will elect.", timeout.TotalMilliseconds);
            }

            return Akka.Done.Instance;
        });

    private static T? Cause<T>(Exception failure)
        where T : Exception
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is T found)
                return found;
            if (cause is AggregateException { InnerExceptions: [var first, ..] } && first is T inner)
                return inner;
        }

        return null;
    }
}

/// <summary>An actor that the node cannot work without has ended, or another node has its name.</summary>
internal sealed class NodeFailedReason : CoordinatedShutdown.Reason
{
    public static readonly NodeFailedReason Instance = new();

    /// <summary>What the process ends with where <c>akka.coordinated-shutdown.exit-clr</c> is on; the server's own code for this is the
    /// same.</summary>
    public override int ExitCode => 3;
}

/// <summary>A node cannot start, for a reason that lies in its surroundings and that the message names.</summary>
public sealed class NodeStartException(string message, Exception cause) : Exception(message, cause);
