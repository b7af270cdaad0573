using RaftQueue.Simulation.Faults;
using RaftQueue.Simulation.Mutations;
using Xunit;

namespace RaftQueue.Core.Tests.Simulation;

/// <summary>
/// Pitfalls that other systems fell into, under simulated faults. Each test has two halves: schedules that hold the faults in question are clean, and the same kind of
/// schedule is not when the rule that guards against the pitfall is broken. Without the second half the first would prove little.
/// </summary>
public sealed class PitfallTests
{
    private const int Enough = 30;

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_01_Term_and_vote_survive_a_crash_at_every_persistence_point() =>
        Guards<ForgottenVote>(Fault.CrashAtPersistencePoint, "Memory Matches Events", "One Vote Per Term");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_02_A_restart_does_not_reset_the_vote() => Guards<ForgottenVote>(Fault.Crash, "Memory Matches Events", "One Vote Per Term");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_03_An_entry_of_an_old_term_is_not_committed_by_counting() =>
        Guards<OldTermCommitsByCounting>(Fault.Isolation, "Commit By Majority");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_04_A_follower_commits_nothing_beyond_what_an_append_has_verified() =>
        Guards<CommitBeyondVerified>(Fault.Partition, "State Machine Safety");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_05_Duplicated_and_delayed_replies_do_not_count() =>
        Guards<StaleReplyCounts>(Fault.MessageEchoed, "Commit By Majority");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_06_A_delayed_append_truncates_nothing() =>
        Guards<EveryAppendTruncates>(Fault.MessageDelayed, "Commit Never Moves Back", "Acknowledged Is Durable", "Leader Completeness");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_07_A_write_that_completes_in_a_later_term_confirms_nothing_of_it() =>
        Guards<StaleWriteCounts>(Fault.SlowDisk, "Commit By Majority");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_08_Nothing_is_acknowledged_before_the_disk_has_it() =>
        Guards<AcknowledgedBeforeDisk>(Fault.UnsyncedWriteLost, "Acknowledged Is Durable");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_09_A_damaged_record_keeps_a_node_from_starting_and_the_others_go_on() => AreClean(Fault.RecordDamaged);

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_10_A_wiped_node_returns_as_a_learner_only() => Guards<WipedNodeVotes>(Fault.DataWiped, "Leader Completeness", "Election Safety", "Commit By Majority");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_10_a_wiped_node_founds_no_group_beside_the_one_that_there_is() =>
        Guards<FoundedByMajority>(Fault.DataWiped, "Leader Completeness", "Election Safety", "Commit By Majority", "State Machine Safety", "The Rules' Own Assertions");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_11_Applied_index_and_state_are_the_same_everywhere() => Guards<AppliedTwice>(Fault.Crash, "State Machine Safety");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_12_No_gap_between_snapshot_and_log_whatever_step_a_crash_interrupts() =>
        Guards<SnapshotWithoutState>(Fault.CrashAtPersistencePoint, "State Machine Safety");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_13_Nobody_is_handed_what_its_machine_version_does_not_know() => Guards<VersionUnasked>(Fault.Upgrade, "Known Versions");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_16_A_round_of_an_earlier_leadership_proves_nothing() => Guards<OldRoundCounts>(Fault.MessageEchoed, "Fresh Reads");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_16_A_deposed_leader_answers_no_read() => Guards<ReadWithoutRound>(Fault.Pause, "Fresh Reads");

    [Fact, Trait("Category", "Pitfall")]
    public void Pitfall_19_A_send_that_is_retried_is_stored_once() => Guards<RetryIsStoredAgain>(Fault.ReplyLost, "Nothing Stored Twice");

    private static void Guards<TMutation>(Fault fault, params string[] checkers)
        where TMutation : Mutation
    {
        AreClean(fault);
        Assert.Contains(Schedules.Showing(typeof(TMutation).Name).Violation?.Checker, checkers);
    }

    /// <summary>The first schedules that hold this fault keep every promise.</summary>
    private static void AreClean(Fault fault)
    {
        var found = 0;
        for (var seed = 1UL; found < Enough; seed++)
        {
            var result = Schedules.Of(seed);
            Assert.True(result.Violation is null, $"seed {seed}: {result.Violation?.Message}");
            Assert.True(seed < 1_000, $"{fault} happened in only {found} of {seed} schedules");
            found += result.Faults[fault] > 0 ? 1 : 0;
        }
    }
}
