using RaftQueue.Chaos;
using RaftQueue.Chaos.History;
using Xunit.Abstractions;

namespace RaftQueue.MultiNode.Tests.Chaos;

/// <summary>Real servers under faults of every kind that this machine allows. Replay: the run verb of RaftQueue.Chaos with the seed.</summary>
[Collection(RealServers.Name)]
[Trait("Category", "Chaos")]
public sealed class ChaosRunTests(ITestOutputHelper output)
{
    [Fact]
    public Task Three_servers_keep_all_promises_through_random_faults() => KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(60), Seed: 5) { PerSecond = 200 });

    [Fact]
    [Trait("Category", "Pitfall")]
    public Task Pitfall_11_state_and_applied_index_agree_after_kills_in_the_middle_of_applying() =>
        KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(15), Seed: 11) { PerSecond = 400, Only = ["kill", "all killed"] });

    [Fact]
    [Trait("Category", "Pitfall")]
    public Task Pitfall_12_a_node_without_data_gets_a_snapshot_and_the_log_behind_it_while_nodes_are_killed() =>
        KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(20), Seed: 12) { PerSecond = 400, Only = ["kill", "wipe"] });

    [SmallDiskFact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_21_a_replica_with_a_full_disk_stops_loudly_and_comes_back_with_room()
    {
        var events = await KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(5), Seed: 21) { PerSecond = 200, Only = ["disk-full"] });

        Assert.Contains(events.OfType<Remarked>(), remark => remark.What.EndsWith("said that its replica stops", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Category", "Pitfall")]
    public Task Pitfall_09_a_damaged_record_is_refused_by_name_and_replaced_from_the_others() =>
        KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(5), Seed: 9) { PerSecond = 200, Only = ["damage"] });

    [Fact]
    [Trait("Category", "Fault")]
    public Task F02_Leases_that_are_held_for_long_are_handed_over_once_through_planned_transfers() =>
        KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(30), Seed: 2) { PerSecond = 300, Only = ["transfer"] });

    [Fact]
    [Trait("Category", "Fault")]
    public Task F22_Every_hand_over_counts_though_majorities_are_killed() =>
        KeepsAllPromisesAsync(
            new ChaosPlan(3, TimeSpan.FromSeconds(30), Seed: 22) { PerSecond = 200, Only = ["majority killed", "all killed"] });

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F03_F06_Clients_that_stand_still_beyond_their_timeout_and_cancel_their_pulls_lose_nothing_and_claim_nothing_wrong()
    {
        var events = await KeepsAllPromisesAsync(new ChaosPlan(3, TimeSpan.FromSeconds(30), Seed: 36) { PerSecond = 200, Only = ["client paused"] });

        Assert.Contains(events.OfType<Delivered>(), delivery => delivery.Queue == "polled");
    }

    private async Task<IReadOnlyList<HistoryEvent>> KeepsAllPromisesAsync(ChaosPlan plan)
    {
        var result = await ChaosRun.ExecuteAsync(plan, output.WriteLine, progress: null, CancellationToken.None);

        Assert.True(result.Violations.Count == 0, $"seed {plan.Seed}, output of the nodes in {result.Logs}: {string.Join("; ", result.Violations.Take(10))}");
        Assert.Contains(result.Events.OfType<FaultStage>(), fault => fault.Stage == Stage.Over);
        Assert.Contains(result.Events.OfType<Completed>(), end => end is { Outcome: Outcome.Ok, Sequences: not null });
        Assert.NotEmpty(result.Events.OfType<Delivered>());
        return result.Events;
    }
}
