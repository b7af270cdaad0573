using System.IO.Compression;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;
using RaftQueue.Client;
using RaftQueue.Contracts.Raft;
using RaftQueue.MultiNode.Tests.Chaos;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Operations;

/// <summary>A running node is copied, and a cluster begins anew from the copy, by the documented commands.</summary>
[Collection(RealServers.Name)]
public sealed class BackupTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationToken _never = CancellationToken.None;
    private readonly TemporaryFolder _folder = new();

    private string Backup => _folder.PathOf("cluster.backup");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, 40)] // most of it in snapshots, which change while they are copied
    [InlineData(false, 40)]
    [InlineData(false, 50_000)] // all of it in the log
    public async Task What_was_confirmed_before_a_backup_is_there_after_its_restore(bool ofLeader, int snapshotEntries)
    {
        var plan = new ClusterPlan(3, Hocon: $"raftqueue {{ queue.snapshot-entries = {snapshotEntries}, raft {{ kept-log = 1 KiB, journal-checkpoint = 0 }} }}");
        await using var cluster = await ServerCluster.StartAsync(plan, RealServers.Here, _never);
        IReadOnlyDictionary<long, string> confirmed;
        long lastToken;
        await using (var client = await cluster.ConnectAsync(cancellation: _never))
        {
            await using var load = await Load.StartAsync(client);
            await load.GoOnAsync(500);
            confirmed = load.Confirmed;
            var leader = (await cluster.FindLeaderAsync(_never))!;
            var source = ofLeader ? leader : cluster.Nodes.First(node => node != leader);
            await SucceedsAsync(source, "backup", "--out", Backup);
            lastToken = await TokenOfOneLeaseAsync(client);
            await load.GoOnAsync(); // the backup has disturbed nobody
            await load.VerifyAsync();
            Assert.Empty(load.Failures);
        }

        foreach (var node in cluster.Nodes)
        {
            node.Kill();
            node.Wipe();
        }

        await SucceedsAsync(cluster.Nodes[0], "restore", "--from", Backup);
        cluster.Nodes[0].Start();
        await using var again = await cluster.ConnectAsync(options => options.ConnectTimeout = Patience, _never);
        var restored = await QueueContents.ReadAsync(again, "load");
        Assert.True(await TokenOfOneLeaseAsync(again) > lastToken, "F13: larger tokens than the lost cluster gave out after the backup");
        Assert.All(confirmed, message => Assert.Equal(message.Value, restored.GetValueOrDefault(message.Key)));
        Assert.Equal(restored.Count, restored.Values.Distinct().Count());

        foreach (var node in cluster.Nodes.Skip(1))
            await JoinAsync(cluster, node, again);
        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
        await using var producer = again.CreateProducer<string>("load");
        var next = await producer.SendAsync("life goes on");
        var now = await QueueContents.ReadAsync(again, "load");
        Assert.Equal("life goes on", now[next.Sequence]);
        Assert.Equal(restored, now.Where(message => message.Key != next.Sequence).ToDictionary());
    }

    [Fact]
    public async Task A_backup_is_restored_into_an_empty_place_only_and_whole_or_not_at_all()
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterPlan(1), RealServers.Here, _never);
        var node = cluster.Nodes[0];
        await SucceedsAsync(node, "backup", "--out", Backup);
        await FailsAsync(node, "exists already", "backup", "--out", Backup);

        node.Kill();
        await FailsAsync(node, "has data already", "restore", "--from", Backup);

        node.Wipe();
        await FailsAsync(node, "cannot be read", "restore", "--from", _folder.PathOf("nowhere.backup"));
        await FailsAsync(node, "is damaged", "restore", "--from", Altered());
        await FailsAsync(node, "cannot be read", "restore", "--from", CutShort());
        Assert.Empty(Directory.GetFileSystemEntries(node.DataFolder));

        await SucceedsAsync(node, "restore", "--from", Backup);
        node.Start();
        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
    }

    [Fact]
    public async Task A_backup_of_another_cluster_is_refused()
    {
        await using var cluster = await ServerCluster.StartAsync(new ClusterPlan(1), RealServers.Here, _never);
        await SucceedsAsync(cluster.Nodes[0], "backup", "--out", Backup);
        await using var three = await ServerCluster.StartAsync(new ClusterPlan(3), RealServers.Here, _never);
        await using var groups = await ServerCluster.StartAsync(new ClusterPlan(1, Hocon: "raftqueue.groups = 2"), RealServers.Here, _never);
        var (stranger, twoGroups) = (three.Nodes[2], groups.Nodes[0]);
        stranger.Kill();
        stranger.Wipe();
        twoGroups.Kill();
        twoGroups.Wipe();

        await FailsAsync(stranger, "is of another cluster", "restore", "--from", Backup);
        await FailsAsync(twoGroups, "raftqueue.groups", "restore", "--from", Backup);

        Assert.Empty(Directory.GetFileSystemEntries(stranger.DataFolder));
    }

    private async Task JoinAsync(ServerCluster cluster, ServerNode node, RaftQueueClient client)
    {
        await SucceedsAsync(node, "repair");
        node.Start();
        string? refusal = null;
        Assert.True(await Awaiting.HoldsAsync(async () => (refusal = await WhyNotAddedAsync(client, node.Name)) is null, Patience, _never), $"{node.Name} was not added: {refusal}");
        var votes = await Awaiting.HoldsAsync(
            async () => await cluster.FindLeaderAsync(_never) is { } leader && (await cluster.StatusOfAsync(leader, _never))?.Members.Find(new(node.Name)) is { Kind: MemberKind.Voter },
            Patience,
            _never);
        if (!votes)
            Assert.Fail($"{node.Name} does not vote: {string.Join("; ", await cluster.StatusAsync(_never))}");
    }

    private static async Task<string?> WhyNotAddedAsync(RaftQueueClient client, string node)
    {
        try
        {
            await client.Admin.AddMemberAsync(node);
            return null;
        }
        catch (RaftQueueException notYet)
        {
            return notYet.Message.Contains("member already", StringComparison.Ordinal) ? null : notYet.Message;
        }
    }

    private static async Task<long> TokenOfOneLeaseAsync(RaftQueueClient client)
    {
        var message = Assert.Single(await client.ReceiveAsync<string>("load", 1, Patience / 3));
        await message.ReleaseAsync();
        return message.FencingToken;
    }

    private static async Task SucceedsAsync(ServerNode node, params string[] verb)
    {
        var (exitCode, said) = await node.RunAsync(verb);
        Assert.True(exitCode == 0, $"{verb[0]}: {said}");
    }

    private static async Task FailsAsync(ServerNode node, string why, params string[] verb)
    {
        var (exitCode, said) = await node.RunAsync(verb);
        Assert.NotEqual(0, exitCode);
        Assert.Contains(why, Assert.Single(said.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
    }

    private string Altered()
    {
        var path = _folder.PathOf("altered.backup");
        File.Copy(Backup, path);
        using var archive = ZipFile.Open(path, ZipArchiveMode.Update);
        using var memory = archive.GetEntry("0/memory")!.Open();
        memory.Position = memory.Length - 1;
        var last = memory.ReadByte();
        memory.Position = memory.Length - 1;
        memory.WriteByte((byte)~last);
        return path;
    }

    private string CutShort()
    {
        var path = _folder.PathOf("cut.backup");
        File.WriteAllBytes(path, File.ReadAllBytes(Backup)[..^20]);
        return path;
    }
}
