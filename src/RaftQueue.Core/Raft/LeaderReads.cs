using System.Collections.Immutable;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Linearizable reads without log entries (§8; dissertation, §6.4, ReadIndex): what is committed when a round of heartbeats begins may be read once a majority has
/// answered that round, which proves that nobody else led meanwhile.
/// </summary>
internal static class LeaderReads
{
    public static void Read(StepBuilder step, long readId)
    {
        step.Lead = step.Lead with { WaitingReads = step.Lead.WaitingReads.Enqueue(readId) };
        BeginRound(step);
    }

    /// <summary>One round at a time serves all reads that wait. Before the no-op is committed, the leader does not know yet what is.</summary>
    public static void BeginRound(StepBuilder step)
    {
        var lead = step.Lead;
        if (!lead.IsEstablished || lead.Reads is not null || lead.WaitingReads.IsEmpty)
            return;
        step.Lead = lead with
        {
            Round = lead.Round + 1,
            Reads = new ReadRound(lead.Round + 1, step.CommitIndex, lead.WaitingReads),
            WaitingReads = [],
        };
        for (var place = 0; place < step.Peers.Length; place++)
        {
            if (step.Peers[place].IsVoter)
                LeaderReplication.SendEmpty(step, place);
        }

        Confirm(step);
    }

    /// <summary>Answers the reads whose round a majority has answered, and begins the round of those that came meanwhile.</summary>
    public static void Confirm(StepBuilder step)
    {
        if (step.Leadership?.Reads is not { } reads || RoundOfMajority(step) < reads.Round)
            return;
        foreach (var readId in reads.ReadIds)
            step.Perform(new Effect.ReadReady(readId, reads.Index));
        step.Lead = step.Lead with { Reads = null };
        BeginRound(step);
    }

    public static void RefuseAll(StepBuilder step)
    {
        foreach (var readId in step.Lead.Reads?.ReadIds ?? ImmutableQueue<long>.Empty)
            step.Perform(new Effect.ReadRefused(readId));
        foreach (var readId in step.Lead.WaitingReads)
            step.Perform(new Effect.ReadRefused(readId));
    }

    private static long RoundOfMajority(StepBuilder step)
    {
        Span<long> rounds = stackalloc long[step.Peers.Length + 1];
        var voters = 0;
        foreach (var peer in step.Peers)
        {
            if (peer.IsVoter)
                rounds[voters++] = peer.AckedRound;
        }

        if (step.Lead.IsVoter)
            rounds[voters++] = step.Lead.Round;
        return voters == 0 ? -1 : Quorum.Reached(rounds[..voters]);
    }
}
