using Akka.Actor;
using RaftQueue.Contracts.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Raft;

namespace RaftQueue.Node.Queue;

/// <summary>Tell the history of a message out of this log, which holds all that is committed.</summary>
internal sealed record TellHistory(Origin Origin, ExplainMessage Question, Log Log);

// Questions about the past are answered beside the machine, which goes on meanwhile.
internal sealed partial class QueueHost
{
    private IActorRef? _historian;

    private IActorRef Historian => _historian ??= Context.ActorOf(Queue.Historian.Props(_snapshots), "historian");

    // What this replica has applied was in the log when the question was let through; later entries may not be committed.
    private void HearQuestionsOfHistory() => Receive<TellHistory>(ask => Historian.Tell(new Replay(ask, _machine.AppliedIndex)));
}
