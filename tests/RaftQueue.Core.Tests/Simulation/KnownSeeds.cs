namespace RaftQueue.Core.Tests.Simulation;

/// <summary>The first seed that shows each mutation, as <c>mutations</c> of the simulator prints it.</summary>
internal static class KnownSeeds
{
    public static IReadOnlyDictionary<string, ulong> ByMutation { get; } = new Dictionary<string, ulong>
    {
        ["FoundedByMajority"] = 49,
        ["ForgottenVote"] = 4,
        ["SecondVote"] = 18,
        ["VoteBeforeDisk"] = 1,
        ["AnyLogMayLead"] = 4,
        ["MinorityElects"] = 24,
        ["WipedNodeVotes"] = 78,
        ["LearnerCounts"] = 1,
        ["OldTermCommitsByCounting"] = 8,
        ["MinorityCommits"] = 1,
        ["LeaderCountsItselfEarly"] = 1,
        ["AcknowledgedBeforeDisk"] = 1,
        ["StaleWriteCounts"] = 1,
        ["StaleReplyCounts"] = 197,
        ["CommitBeyondVerified"] = 4,
        ["NoConsistencyCheck"] = 10,
        ["EveryAppendTruncates"] = 1,
        ["LeaderTruncates"] = 1,
        ["AppliedTwice"] = 1,
        ["AppliedNever"] = 1,
        ["OwnClock"] = 1,
        ["SnapshotWithoutState"] = 1,
        ["CompactedTooFar"] = 1,
        ["VersionUnasked"] = 10,
        ["ReadWithoutRound"] = 16,
        ["ReadBeforeNoOp"] = 4,
        ["OldRoundCounts"] = 16,
        ["AckedComesBack"] = 1,
        ["RetryIsStoredAgain"] = 4,
        ["ConfirmedIsDropped"] = 1,
        ["OvertakingMessage"] = 1,
        ["LeaseIsTakenAway"] = 1,
        ["DelayIsIgnored"] = 5,
        ["GroupIsIgnored"] = 5,
        ["BoundIsIgnored"] = 27,
        ["DeadLetterIsLost"] = 5,
        ["NothingCompactedYet"] = 2,
        ["SnapshotGivenUpEarly"] = 1,
    };
}
