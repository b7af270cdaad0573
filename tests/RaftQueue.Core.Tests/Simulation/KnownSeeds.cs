namespace RaftQueue.Core.Tests.Simulation;

/// <summary>The first seed that shows each mutation, as <c>mutations</c> of the simulator prints it.</summary>
internal static class KnownSeeds
{
    public static IReadOnlyDictionary<string, ulong> ByMutation { get; } = new Dictionary<string, ulong>
    {
        ["FoundedByMajority"] = 1264,
        ["ForgottenVote"] = 4,
        ["SecondVote"] = 8,
        ["VoteBeforeDisk"] = 1,
        ["AnyLogMayLead"] = 4,
        ["MinorityElects"] = 5,
        ["WipedNodeVotes"] = 45,
        ["LearnerCounts"] = 17,
        ["OldTermCommitsByCounting"] = 4,
        ["MinorityCommits"] = 1,
        ["LeaderCountsItselfEarly"] = 8,
        ["AcknowledgedBeforeDisk"] = 1,
        ["StaleWriteCounts"] = 12,
        ["StaleReplyCounts"] = 597,
        ["CommitBeyondVerified"] = 4,
        ["NoConsistencyCheck"] = 5,
        ["EveryAppendTruncates"] = 4,
        ["LeaderTruncates"] = 1,
        ["AppliedTwice"] = 1,
        ["AppliedNever"] = 1,
        ["OwnClock"] = 1,
        ["StampFollowsWallClock"] = 4,
        ["SnapshotWithoutState"] = 4,
        ["CompactedTooFar"] = 4,
        ["VersionUnasked"] = 22,
        ["ReadWithoutRound"] = 56,
        ["ReadBeforeNoOp"] = 4,
        ["OldRoundCounts"] = 208,
        ["AckedComesBack"] = 1,
        ["RetryIsStoredAgain"] = 4,
        ["ConfirmedIsDropped"] = 1,
        ["OvertakingMessage"] = 2,
        ["LeaseIsTakenAway"] = 1,
        ["DelayIsIgnored"] = 3,
        ["GroupIsIgnored"] = 3,
        ["BoundIsIgnored"] = 21,
        ["DeadLetterIsLost"] = 3,
    };
}
