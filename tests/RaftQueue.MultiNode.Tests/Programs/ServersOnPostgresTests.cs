using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>The same servers with hocon/postgres.conf.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class ServersOnPostgresTests(PostgresServer postgres) : IClassFixture<PostgresServer>
{
    [PostgresFact]
    public async Task The_lines_are_identical_with_PostgreSQL_when_the_leader_is_killed_half_way()
    {
        // The file's own connection string is that of an installation; here it is the test's server.
        var environment = new Dictionary<string, string> { ["RAFTQUEUE_POSTGRES"] = postgres.ConnectionString };
        await using var servers = await Servers.StartAsync("hocon", 3, ["hocon/postgres.conf"], environment);
        Assert.All(servers.Running.Values, server => Assert.Contains("PostgreSQL", server.Output, StringComparison.OrdinalIgnoreCase));
        await ServersFromHoconTests.PassOnAcrossAKillAsync(servers, 20_000);
        await ServersFromHoconTests.AssertSameStateAsync(servers);
    }
}
