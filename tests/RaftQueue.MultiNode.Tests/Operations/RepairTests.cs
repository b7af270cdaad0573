using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;
using RaftQueue.Client;
using RaftQueue.Contracts.Raft;
using RaftQueue.MultiNode.Tests.Chaos;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>Damage is found and named, and a replica that has any is repaired from the others.</summary>
[Collection(RealServers.Name)]
public sealed class RepairTests(SharedCluster shared) : IClassFixture<SharedCluster>
{
    private const string Queue = "repairs";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationToken _never = CancellationToken.None;

    [Fact]
    [Trait("Category", "Pitfall")]
    public async Task Pitfall_09_a_damaged_record_is_named_with_its_remedy_and_repaired_from_the_others()
    {
        // Its log is long: a record that a checkpoint covers is not read any more.
        await using var cluster = await ServerCluster.StartAsync(new ClusterPlan(3), RealServers.Here, _never);
        await DamageAndRepairAsync(cluster, Damaged.JournalRecord, "journal record");
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(Damaged.JournalFile, "journal.db")]
    [InlineData(Damaged.Checkpoint, "journal checkpoint")]
    [InlineData(Damaged.SnapshotManifest, "/snapshot/manifest is damaged")]
    [InlineData(Damaged.SnapshotPiece, "is damaged")]
    [InlineData(Damaged.SnapshotFile, "snapshots.db")]
    [InlineData(Damaged.Identity, "identity file cannot be read")]
    public async Task Pitfall_09_damage_is_named_with_its_remedy_and_repaired_from_the_others(Damaged what, string name)
    {
        await DamageAndRepairAsync(await shared.TakeAsync(), what, name);
        shared.IsSound = true;
    }

    [Theory]
    [Trait("Category", "Pitfall")]
    [InlineData(Damaged.SnapshotPiece, 0)] // found when the other node needs it
    [InlineData(Damaged.SnapshotManifest, SharedCluster.SnapshotEntries)] // may be at hand already; found at the latest when the next snapshot takes its place
    public async Task Pitfall_09_a_leader_whose_stored_snapshot_is_damaged_while_it_runs_stops_by_name_and_the_others_go_on(Damaged what, int sentMeanwhile)
    {
        var cluster = await shared.TakeAsync();
        await using var client = await cluster.ConnectAsync(cancellation: _never);
        await client.DeclareQueueAsync(Queue);
        var leader = (await cluster.FindLeaderAsync(_never))!;
        var away = cluster.Nodes.First(node => node != leader);
        Assert.Equal(0, await away.StopAsync(Patience, _never));
        await SendAsync(client, 200); // the log that the other node lacks gives way to a snapshot
        await SendUntilNoSnapshotIsDueAsync(cluster, client, leader); // it would take the place of the damaged one

        StoredDamage.Do(what, leader);
        var since = leader.LineCount;
        away.Start();
        await SendAsync(client, sentMeanwhile);

        await SaysAsync(leader, "is damaged", since);
        await SaysAsync(leader, "this replica stops", since);
        await SaysAsync(leader, "repair", since);
        await SendAsync(client, 50); // another leads, with the node that was away
        Assert.NotSame(leader, await cluster.FindLeaderAsync(_never));

        leader.Kill();
        var (exitCode, said) = await leader.RunAsync("repair");
        Assert.True(exitCode == 0, said);
        leader.Start();
        await AgreeAsync(cluster);
        shared.IsSound = true;
    }

    [Fact]
    public async Task Nothing_is_set_aside_while_the_others_cannot_replace_it_or_the_node_still_runs()
    {
        var cluster = await shared.TakeAsync();
        var node = cluster.Nodes[0];
        var before = Directory.GetDirectories(node.DataFolder, "set_aside_*");

        var (whileItRuns, said) = await node.RunAsync("repair");
        Assert.NotEqual(0, whileItRuns);
        Assert.Contains("in use by another node process", said, StringComparison.Ordinal);

        node.Kill();
        cluster.Nodes[1].Kill();
        var (withoutMajority, why) = await node.RunAsync("repair");
        Assert.NotEqual(0, withoutMajority);
        Assert.Contains("Nothing was done", why, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetDirectories(node.DataFolder, "set_aside_*"));

        node.Start();
        cluster.Nodes[1].Start();
        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
        shared.IsSound = true;
    }

    private async Task DamageAndRepairAsync(ServerCluster cluster, Damaged what, string name)
    {
        await using var client = await cluster.ConnectAsync(cancellation: _never);
        await SendAsync(client, 200);
        var leader = await cluster.FindLeaderAsync(_never);
        var damaged = cluster.Nodes.First(node => node != leader);
        var before = (await cluster.StatusOfAsync(damaged, _never))!.Incarnation;
        var aside = Directory.GetDirectories(damaged.DataFolder, "set_aside_*");

        Assert.Equal(0, await damaged.StopAsync(Patience, _never));
        StoredDamage.Do(what, damaged);
        var since = damaged.LineCount;
        damaged.Start();
        await SaysAsync(damaged, name, since);
        await SaysAsync(damaged, "repair", since);
        damaged.Kill();

        var (exitCode, said) = await damaged.RunAsync("repair");
        Assert.True(exitCode == 0, said);
        Assert.Contains("set_aside_", said, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(damaged.DataFolder, "set_aside_*").Except(aside));
        damaged.Start();
        await SendAsync(client, 50);

        await AgreeAsync(cluster);
        var after = (await cluster.StatusOfAsync(damaged, _never))!;
        Assert.NotEqual(before, after.Incarnation);
        Assert.Equal(MemberKind.Voter, after.Members.Find(after.Node)!.Kind);
    }

    private static async Task SendAsync(RaftQueueClient client, int messages)
    {
        await client.DeclareQueueAsync(Queue);
        await using var producer = client.CreateProducer<string>(Queue);
        for (var number = 0; number < messages; number++)
            await producer.SendAsync($"message {number}"); // an entry of the log each
    }

    private async Task SaysAsync(ServerNode node, string text, int since) =>
        Assert.True(await Awaiting.HoldsAsync(() => node.HasSaid(text, since), Patience, _never), $"{node.Name} has not said: {text}");

    private async Task SendUntilNoSnapshotIsDueAsync(ServerCluster cluster, RaftQueueClient client, ServerNode node) => Assert.True(
        await Awaiting.HoldsAsync(
            async () =>
            {
                await SendAsync(client, SharedCluster.SnapshotEntries / 4);
                return await cluster.StatusOfAsync(node, _never) is { } status && status.AppliedIndex.Value - status.SnapshotIndex.Value < SharedCluster.SnapshotEntries / 2;
            },
            Patience,
            _never),
        $"{node.Name} has not taken the snapshot that was due");

    private async Task AgreeAsync(ServerCluster cluster)
    {
        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
        IReadOnlyList<string> digests = [];
        Assert.True(
            await Awaiting.HoldsAsync(
                async () =>
                {
                    var seen = await cluster.StatusAsync(_never);
                    digests = [.. seen.Where(status => status is not null).Select(status => status!.Digest)];
                    return seen.All(status => status is not null) && seen.Select(status => status!.AppliedIndex).Distinct().Count() == 1;
                },
                Patience,
                _never),
            "not all nodes have applied as much");
        Assert.Single(digests.Distinct());
    }
}
