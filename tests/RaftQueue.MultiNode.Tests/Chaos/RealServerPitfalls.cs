using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.Faults;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.MultiNode.Tests.Chaos;

/// <summary>Pitfalls of real systems, on the real program.</summary>
[Collection(RealServers.Name)]
[Trait("Category", "Pitfall")]
public sealed class RealServerPitfalls
{
    private const string Queue = "pitfalls";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly CancellationToken _never = CancellationToken.None;

    [Fact]
    public async Task Pitfall_08_what_is_confirmed_is_there_after_all_servers_were_killed_at_once()
    {
        await using var cluster = await StartAsync();
        await using var client = await cluster.ConnectAsync();
        await client.DeclareQueueAsync(Queue);
        string[] payloads = [.. Enumerable.Range(1, 500).Select(number => $"message {number}")];
        await using (var producer = client.CreateProducer<string>(Queue))
            await Task.WhenAll(payloads.Select(payload => producer.SendAsync(payload)));

        foreach (var node in cluster.Nodes)
            node.Kill();
        foreach (var node in cluster.Nodes)
            node.Start();

        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
        List<string> found = [];
        while (found.Count < payloads.Length)
        {
            var page = await client.PeekAsync<string>(Queue, found.Count + 1, 250);
            Assert.NotEmpty(page);
            found.AddRange(page.Select(message => message.Payload));
        }

        Assert.Equal(payloads, found);
    }

    [Fact]
    public async Task Pitfall_10_a_server_whose_data_was_deleted_does_not_vote_and_returns_as_a_learner()
    {
        await using var cluster = await StartAsync();
        var (keeper, wiped, away) = (cluster.Nodes[0], cluster.Nodes[1], cluster.Nodes[2]);
        var before = (await cluster.StatusOfAsync(wiped, _never))!.Incarnation;
        foreach (var node in cluster.Nodes)
            node.Kill();
        wiped.Wipe();
        var since = keeper.LineCount;
        keeper.Start();
        wiped.Start();

        // Both are there and hear each other, but of the three that the log names only one remembers: nobody may lead.
        Assert.True(await Awaiting.HoldsAsync(() => keeper.HasSaid("becomes Candidate", since), Patience, _never));
        Assert.False(await Awaiting.HoldsAsync(async () => await cluster.FindLeaderAsync(_never) is not null, TimeSpan.FromSeconds(8), _never));

        away.Start();
        Assert.Null(await cluster.WaitUntilSoundAsync(Patience, _never));
        var after = await cluster.StatusOfAsync(wiped, _never);
        Assert.NotEqual(before, after!.Incarnation);
        Assert.Equal(MemberKind.Voter, after.Members.Find(after.Node)!.Kind);
    }

    private Task<ServerCluster> StartAsync() => ServerCluster.StartAsync(new ClusterPlan(3), RealServers.Here, _never);
}
