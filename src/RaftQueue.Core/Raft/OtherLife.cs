using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Messages meant for a life of this node whose data is gone. What that life promised is forgotten, so this one must not speak for it: it neither votes nor takes
/// entries until a configuration names it. It only answers who it is now, and the leader takes it in as a learner.
/// </summary>
internal static class OtherLife
{
    public static void Answer(StepBuilder step, Envelope envelope)
    {
        switch (envelope.Message)
        {
            case RequestVote request:
                Voter.Refuse(step, envelope, request);
                break;
            case AppendEntries append:
                Introduce(step, envelope, append.Term, append.Round);
                break;
            case InstallSnapshot chunk:
                Introduce(step, envelope, chunk.Term, chunk.Round);
                break;
            default:
                break; // an answer to, or an order for, somebody who is no more
        }
    }

    private static void Introduce(StepBuilder step, Envelope envelope, Term term, long round)
    {
        if (term >= step.CurrentTerm)
            Follower.Obey(step, envelope, term);
        // A round of another term than the answer's proves nothing.
        var roundOfTerm = term == step.CurrentTerm ? round : 0;
        step.Send(
            envelope.From,
            envelope.FromIncarnation,
            Follower.Refusal(step, LogIndex.Zero, Term.Zero, step.Log.LastIndex.Next, roundOfTerm));
    }
}
