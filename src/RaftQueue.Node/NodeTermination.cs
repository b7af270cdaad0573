using Akka.Actor;

namespace RaftQueue.Node;

/// <summary>What a node has ended by.</summary>
public enum NodeTerminationCause
{
    /// <summary>Its actor system was stopped: by its owner, or by Akka.Cluster.</summary>
    Stopped,

    /// <summary>An actor that the node cannot work without has died. Starting the node again is the remedy.</summary>
    PartFailed,

    /// <summary>Another node has its name. Starting it again is no remedy: give it a name of its own.</summary>
    NameTaken,
}

/// <summary>Why a node has ended.</summary>
/// <param name="Cause">What it has ended by.</param>
/// <param name="Reason">The reason, for people.</param>
public sealed record NodeTermination(NodeTerminationCause Cause, string Reason);

/// <summary>Where the parts of a node report that it cannot go on.</summary>
internal sealed class TerminationSignal
{
    private readonly TaskCompletionSource<NodeTermination> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isStopping;

    /// <summary>Completes when the node cannot go on.</summary>
    public Task<NodeTermination> WhenFailed => _failed.Task;

    /// <summary>From now on actors stop because the node does.</summary>
    public void BeginStopping() => _isStopping = true;

    /// <summary>The node cannot go on, because an actor has ended.</summary>
    public void FailFor(string part, IActorRef actor) => Fail(
        NodeTerminationCause.PartFailed,
        $"{part} ({actor.Path.ToStringWithoutAddress()}) has stopped. The lines before this in the log say why.");

    /// <summary>The node cannot go on. The first reason counts.</summary>
    public void Fail(NodeTerminationCause cause, string reason)
    {
        if (!_isStopping)
            _failed.TrySetResult(new NodeTermination(cause, reason));
    }
}
