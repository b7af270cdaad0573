namespace RaftQueue.Core.Raft;

/// <summary>What a server is at the moment (§5.1). These are the states of the FSM; pre-vote is a phase of <see cref="Candidate"/>.</summary>
public enum Role
{
    /// <summary>Answers leaders and candidates; every server wakes as one.</summary>
    Follower,

    /// <summary>Seeks to become leader.</summary>
    Candidate,

    /// <summary>Orders all writes of its term.</summary>
    Leader,
}
