using Akka.Actor;
using Akka.Persistence;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node;

/// <summary>An actor that the node cannot work without.</summary>
/// <param name="Name">What it is, for people.</param>
/// <param name="Actor">The actor.</param>
internal sealed record NodePart(string Name, IActorRef Actor);

/// <summary>
/// Watches every actor that the node cannot work without: its root, which watches its children, and those of Akka that it relies on. When
/// one of them has ended, for whatever reason, the node ends: a process that lives on without it would look alive and answer nobody.
/// Replicas are started again from their journals and are not watched; what starts them is.
/// </summary>
internal sealed class NodeSupervisor : ReceiveActor
{
    /// <summary>Where it is, beside the node's root.</summary>
    public const string Name = "raftqueue-supervisor";

    // Actors of Akka that have no reference to ask for.
    private static readonly (string Name, string Path)[] s_system =
    [
        ("the daemon of Akka.Cluster", "/system/cluster"),
        ("the connections of Akka.Remote", "/system/endpointManager"),
    ];

    private readonly TerminationSignal _signal;
    private readonly Dictionary<IActorRef, string> _parts = [];

    /// <param name="signal">Where it reports that the node cannot go on.</param>
    public NodeSupervisor(TerminationSignal signal)
    {
        _signal = signal;
        Receive<NodePart>(Watch);
        Receive<ActorIdentity>(found =>
        {
            if (found.Subject is { } actor)
                Watch(new NodePart((string)found.MessageId, actor));
        });
        Receive<Terminated>(gone => _signal.FailFor(_parts[gone.ActorRef], gone.ActorRef));
        Receive<ListenerFailed>(failed => _signal.Fail(
            NodeTerminationCause.PartFailed, $"the node cannot accept connections any more: {failed.Cause.Message}"));
    }

    /// <inheritdoc />
    protected override void PreStart()
    {
        var persistence = Persistence.Instance.Apply(Context.System);
        Watch(new NodePart("the journal", persistence.JournalFor(StoragePlugins.JournalId)));
        Watch(new NodePart("the snapshot store", persistence.SnapshotStoreFor(StoragePlugins.SnapshotStoreId)));
        foreach (var (name, path) in s_system)
            Context.ActorSelection(path).Tell(new Identify(name));
        Context.System.EventStream.Subscribe(Self, typeof(ListenerFailed));
    }

    private void Watch(NodePart part)
    {
        _parts[part.Actor] = part.Name;
        Context.Watch(part.Actor);
    }
}
