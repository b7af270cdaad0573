using RaftQueue.Contracts.Client;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>The real thing: servers as processes, from the files in hocon/, with the sample programs as their clients.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class ServersFromHoconTests
{
    [Fact]
    public async Task Three_servers_pass_on_20_000_lines_identically()
    {
        await using var servers = await Servers.StartAsync("hocon", 3);
        await PassOnAsync(servers, 20_000);
        await AssertSameStateAsync(servers);
    }

    [Fact]
    public async Task The_lines_are_identical_when_the_leader_is_killed_half_way_and_restarted()
    {
        await using var servers = await Servers.StartAsync("hocon", 3);
        await PassOnAcrossAKillAsync(servers, 20_000);
        await AssertSameStateAsync(servers);
    }

    [Fact]
    public async Task Five_servers_do_the_same_with_two_of_them_killed()
    {
        await using var servers = await Servers.StartAsync("hocon/five", 5);
        await PassOnAcrossAKillAsync(servers, 5_000);
        var leader = await servers.LeaderAsync();
        var other = servers.Running.Keys.First(name => name != leader);
        await servers.KillAsync(leader);
        await servers.KillAsync(other);
        await PassOnAsync(servers, 5_000);
        servers.Start(leader);
        servers.Start(other);
        await AssertSameStateAsync(servers);
    }

    [Fact]
    public async Task What_became_of_a_message_is_told_by_the_verb_explain()
    {
        await using var servers = await Servers.StartAsync("hocon", 3);
        await PassOnAsync(servers, 3);
        await using var explain = RunningProgram.Start(
            Programs.Server, ["explain", "--queue", "lines", "--sequence", "2", "--config", servers.ClientFile]);
        await Lines.SucceedAsync(explain);
        var told = explain.Output.TrimEnd('\n').Split('\n');
        Assert.Equal("Message 2 of queue lines. The whole log is kept.", told[0]);
        Assert.Contains("enqueued by producer", told[1], StringComparison.Ordinal);
        Assert.Contains("delivered to consumer", told[2], StringComparison.Ordinal);
        Assert.Contains("acknowledged by consumer", told[^2], StringComparison.Ordinal);
        Assert.EndsWith("it was gone.", told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_leaves_promptly_with_exit_code_0()
    {
        await using var servers = await Servers.StartAsync("hocon", 3);
        var leader = servers.Running[await servers.LeaderAsync()];
        Assert.True(await leader.TerminateAsync(TimeSpan.FromSeconds(15)) == 0, leader.Output + leader.Errors);
        Assert.Contains("Stopped after", leader.Output, StringComparison.Ordinal);
        Assert.Equal("", leader.Errors);
    }

    /// <summary>Sends a file and consumes it at the same time.</summary>
    internal static async Task PassOnAsync(Servers servers, int count)
    {
        var path = servers.PathOf("lines.txt");
        Lines.Write(path, count);
        await using var producer = Lines.Produce(servers, path);
        await Lines.SucceedAsync(producer);
        await using var consumer = Lines.Consume(servers, "--until-empty");
        await Lines.SucceedAsync(consumer);
        Lines.AssertSame(path, consumer);
    }

    /// <summary>The same, with the leader killed when about half of the lines are stored, and restarted.</summary>
    internal static async Task PassOnAcrossAKillAsync(Servers servers, int count)
    {
        var path = servers.PathOf("lines.txt");
        Lines.Write(path, count);
        await servers.Client.DeclareQueueAsync("lines");
        await using var consumer = Lines.Consume(servers, "--count", $"{count}");
        await using var producer = Lines.Produce(servers, path);
        while (await Lines.StoredAsync(servers) < count / 2)
            Assert.False(producer.HasExited, producer.Errors);

        var victim = await servers.LeaderAsync();
        await servers.KillAsync(victim);
        Assert.NotEqual(victim, await servers.LeaderAsync());
        servers.Start(victim);

        await Lines.SucceedAsync(producer);
        await Lines.SucceedAsync(consumer);
        Lines.AssertSame(path, consumer);
        Assert.Equal(count, await Lines.StoredAsync(servers));
    }

    internal static async Task AssertSameStateAsync(Servers servers)
    {
        IReadOnlyList<ReplicaStatus> replicas = await servers.AgreeAsync();
        Assert.All(replicas, replica => Assert.NotEqual("", replica.Digest));
        Assert.Single(replicas.Select(replica => replica.Digest).Distinct());
    }
}
