using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// What no lawful server can say. Terms, indexes and rounds of a message are taken over and calculated with, so one message with a value
/// near the largest would otherwise
/// leave a group without any term or index to go on with, on every disk. Such a message is ignored as a whole, and the shell is told.
/// </summary>
internal static class MessageBounds
{
    /// <summary>What is wrong with a message, for people; null where nothing is.</summary>
    public static string? Objection(StepBuilder step, IPeerMessage message)
    {
        if (message.Term > Term.Largest)
            return $"term {message.Term} is above the largest, {Term.Largest}";
        // A server without data takes any term: it has none to compare with, and its cluster may have held many elections.
        if (!step.Log.IsBlank && message.Term.IsBeyondReachOf(step.CurrentTerm))
            return $"term {message.Term} is further ahead of this replica's term {step.CurrentTerm} than elections can have brought it";
        return message switch
        {
            RequestVote request when request.LastLogTerm > request.Term => LaterThanItself("its last entry", request.LastLogTerm, request.Term),
            AppendEntries append => Objection(append),
            InstallSnapshot chunk when chunk.Meta.LastIncludedTerm > chunk.Term => LaterThanItself("its snapshot", chunk.Meta.LastIncludedTerm, chunk.Term),
            AppendReply reply when reply.ConflictTerm > reply.Term => LaterThanItself("its conflicting entry", reply.ConflictTerm, reply.Term),
            AppendReply reply => RoundObjection(step, reply.Term, reply.Round),
            SnapshotReply reply => RoundObjection(step, reply.Term, reply.Round),
            _ => null,
        };
    }

    private static string? Objection(AppendEntries append)
    {
        if (append.PrevLogTerm > append.Term)
            return LaterThanItself("the entry before", append.PrevLogTerm, append.Term);
        var (index, term) = (append.PrevLogIndex, append.PrevLogTerm);
        foreach (var entry in append.Entries)
        {
            index = index.Next;
            if (entry.Index != index)
                return $"entry {entry.Index} stands where entry {index} should";
            if (entry.Term < term)
                return $"entry {index} of term {entry.Term} follows one of term {term}";
            term = entry.Term;
        }

        return term > append.Term ? LaterThanItself($"entry {index}", term, append.Term) : null;
    }

    // A reply repeats the round of a request, and this leader has not begun that one yet: counted, it would confirm reads before anybody
    // was asked.
    private static string? RoundObjection(StepBuilder step, Term term, long round) =>
        step.Role == Role.Leader && term == step.CurrentTerm && round > step.Lead.Round
            ? $"it answers round {round}, and this leader has begun none after {step.Lead.Round}"
            : null;

    private static string LaterThanItself(string what, Term term, Term own) => $"{what} is of term {term}, later than the message's own term {own}";
}
