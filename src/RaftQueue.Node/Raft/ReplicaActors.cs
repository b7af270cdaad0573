using Akka.Actor;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Raft;

/// <summary>Starts the actors of a replica under its journal's context.</summary>
/// <param name="memory">What the journal remembered.</param>
/// <param name="journal">The journal's context.</param>
internal delegate ReplicaActors StartReplica(Memory memory, IActorContext journal);

/// <summary>The actors of one replica beside its journal.</summary>
/// <param name="Raft">The <see cref="RaftActor"/>.</param>
/// <param name="Queue">The queue host.</param>
/// <param name="Snapshots">The snapshot keeper.</param>
internal sealed record ReplicaActors(IActorRef Raft, IActorRef Queue, IActorRef Snapshots)
{
    /// <summary>Before recovery has finished.</summary>
    public static readonly ReplicaActors None = new(ActorRefs.Nobody, ActorRefs.Nobody, ActorRefs.Nobody);
}
