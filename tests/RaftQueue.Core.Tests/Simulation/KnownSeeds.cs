namespace RaftQueue.Core.Tests.Simulation;

/// <summary>The first seed that shows each mutation, as <c>mutations</c> of the simulator prints it.</summary>
internal static class KnownSeeds
{
    public static IReadOnlyDictionary<string, ulong> ByMutation { get; } = new Dictionary<string, ulong>
    {
        ["FoundedByMajority"] = 32,
        ["ForgottenVote"] = 5,
        ["SecondVote"] = 16,
        ["VoteBeforeDisk"] = 1,
        ["AnyLogMayLead"] = 4,
        ["MinorityElects"] = 4,
        ["WipedNodeVotes"] = 31,
        ["LearnerCounts"] = 12,
        ["OldTermCommitsByCounting"] = 4,
        ["MinorityCommits"] = 1,
        ["LeaderCountsItselfEarly"] = 12,
        ["AcknowledgedBeforeDisk"] = 1,
        ["StaleWriteCounts"] = 15,
        ["StaleReplyCounts"] = 197,
        ["CommitBeyondVerified"] = 5,
        ["NoConsistencyCheck"] = 4,
        ["EveryAppendTruncates"] = 4,
        ["LeaderTruncates"] = 4,
        ["AppliedTwice"] = 2,
        ["AppliedNever"] = 2,
        ["OwnClock"] = 1,
        ["SnapshotWithoutState"] = 4,
        ["CompactedTooFar"] = 4,
        ["VersionUnasked"] = 48,
        ["ReadWithoutRound"] = 24,
        ["ReadBeforeNoOp"] = 4,
        ["OldRoundCounts"] = 1261,
        ["AckedComesBack"] = 1,
        ["RetryIsStoredAgain"] = 4,
        ["ConfirmedIsDropped"] = 1,
        ["OvertakingMessage"] = 2,
        ["LeaseIsTakenAway"] = 1,
        ["DelayIsIgnored"] = 3,
        ["GroupIsIgnored"] = 3,
        ["BoundIsIgnored"] = 30,
        ["DeadLetterIsLost"] = 3,
    };
}
