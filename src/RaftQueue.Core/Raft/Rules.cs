namespace RaftQueue.Core.Raft;

/// <summary>
/// Raft, as a function: a replica and what happens to it give the next replica and what is to be done. No clock, no randomness, no I/O: the same arguments always give
/// the same step. What each role does is in <c>Follower</c>, <c>Candidate</c> and <c>Leader</c>, in the order of the paper's Figure 2.
/// </summary>
public static class Rules
{
    /// <summary>Answers one input.</summary>
    /// <param name="replica">The replica as the last step left it.</param>
    /// <param name="input">What happens.</param>
    /// <param name="now">A reading of a monotonic clock; never earlier than the last one.</param>
    /// <exception cref="InvariantViolation">A promise of Raft is broken; the replica must stop and nothing of this step may be carried out.</exception>
    public static Step Step(Replica replica, Input input, TimeSpan now)
    {
        var step = new StepBuilder(replica, now);
        switch (input)
        {
            case Input.Received received:
                Servers.Receive(step, received.Envelope);
                break;
            case Input.Written written:
                OnWritten(step, written.Mark);
                break;
            case Input.ElectionTimeout:
                OnElectionTimeout(step);
                break;
            case Input.PeerLost lost:
                Follower.LosePeer(step, lost.Node);
                break;
            case Input.SnapshotStored stored:
                Servers.Compact(step, stored);
                break;
            case Input.SnapshotChunkStored stored:
                FollowerSnapshots.ChunkStored(step, stored);
                break;
            default:
                OnLeaderInput(step, input);
                break;
        }

        return step.Build();
    }

    private static void OnWritten(StepBuilder step, WriteMark mark)
    {
        if (step.Role == Role.Candidate)
            Candidate.OwnVoteWritten(step, mark);
        else if (step.Role == Role.Leader)
            Leader.Written(step, mark);
    }

    private static void OnElectionTimeout(StepBuilder step)
    {
        if (step.Role == Role.Leader)
            Leader.CheckQuorum(step);
        else
            Candidate.Campaign(step);
    }

    private static void OnLeaderInput(StepBuilder step, Input input)
    {
        if (step.Role != Role.Leader)
        {
            Servers.RefuseLeadersWork(step, input);
            return;
        }

        switch (input)
        {
            case Input.Heartbeat heartbeat:
                Leader.Heartbeat(step, heartbeat.Wall);
                break;
            case Input.Propose propose:
                Leader.Propose(step, propose);
                break;
            case Input.Read read:
                LeaderReads.Read(step, read.ReadId);
                break;
            case Input.Transfer transfer:
                LeaderTransfer.Begin(step, transfer);
                break;
            case Input.ChangeMembers change:
                LeaderMembership.Change(step, change);
                break;
            case Input.SnapshotChunkRead read:
                LeaderSnapshots.ChunkRead(step, read);
                break;
            default:
                throw new InvalidOperationException($"The rules know no input of the kind {input.GetType().Name}.");
        }
    }
}
