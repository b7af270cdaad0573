using RaftQueue.Simulation.Engine;
using RaftQueue.Simulation.Faults;

namespace RaftQueue.Simulation.Mutations;

/// <summary>Every mutation there is.</summary>
public static class Catalogue
{
    /// <summary>The mutations, each with the promise it breaks.</summary>
    public static IReadOnlyList<Mutation> All { get; } =
    [
        new FoundedByMajority(), new ForgottenVote(), new SecondVote(), new VoteBeforeDisk(), new AnyLogMayLead(), new MinorityElects(), new WipedNodeVotes(), new LearnerCounts(),
        new OldTermCommitsByCounting(), new MinorityCommits(), new LeaderCountsItselfEarly(), new AcknowledgedBeforeDisk(), new StaleWriteCounts(),
        new StaleReplyCounts(), new CommitBeyondVerified(), new NoConsistencyCheck(), new EveryAppendTruncates(), new LeaderTruncates(),
        new AppliedTwice(), new AppliedNever(), new OwnClock(), new StampFollowsWallClock(), new SnapshotWithoutState(), new CompactedTooFar(), new VersionUnasked(), new ReadWithoutRound(),
        new ReadBeforeNoOp(), new OldRoundCounts(), new AckedComesBack(), new RetryIsStoredAgain(), new ConfirmedIsDropped(), new OvertakingMessage(),
        new LeaseIsTakenAway(), new HandOverIsForgotten(), new DelayIsIgnored(), new GroupIsIgnored(), new BoundIsIgnored(), new DeadLetterIsLost(),
        new SettingForgotten(), new NothingCompactedYet(), new SnapshotGivenUpEarly(), new RefusedIsStoredLater(),
    ];

    /// <summary>The mutation of this name, or null.</summary>
    public static Mutation? Find(string name) => All.FirstOrDefault(mutation => mutation.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The sentence for a name that no mutation has.</summary>
    public static string NoSuch(string name) => $"There is no mutation {name}; there are {string.Join(", ", All.Select(known => known.Name))}.";

    /// <summary>
    /// Looks for the first seed from <paramref name="first"/> on whose schedule shows the break, among those of a theme where one is given; null within
    /// <paramref name="most"/> seeds.
    /// </summary>
    public static SeedResult? Catch(Mutation mutation, ulong first, int most, Theme? theme, CancellationToken stop)
    {
        for (var seed = first; seed < first + (ulong)most && !stop.IsCancellationRequested; seed++)
        {
            if (theme is { } wanted && SeededSchedule.ThemeOf(seed) != wanted)
                continue;
            var result = SeededSchedule.Run(seed, rules: mutation);
            if (result.Violation is not null)
                return result;
        }

        return null;
    }
}
