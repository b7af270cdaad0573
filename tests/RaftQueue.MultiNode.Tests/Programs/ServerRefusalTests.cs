using System.Net;
using System.Net.Sockets;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>A server that cannot start, or a verb that cannot do its work, says so in one line and with its exit code.</summary>
[Collection(ProgramsCollection.Name)]
public sealed class ServerRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_file_that_does_not_exist_is_named() => RefusesAsync(["--config", "hocon/nowhere.conf"], "hocon/nowhere.conf");

    [Fact]
    public Task A_file_that_is_no_HOCON_is_named() => RefusesAsync(["--config", File("raftqueue { node = n1 }, akka { }")], "not well-formed HOCON");

    [Fact]
    public Task An_unknown_key_is_named_by_its_path() =>
        RefusesAsync(["--config", Node("raftqueue.raft.election-timeot = 1s")], "raftqueue.raft.election-timeot");

    [Fact]
    public Task A_value_of_the_wrong_type_is_named_by_its_path() => RefusesAsync(["--config", Node("raftqueue.groups = many")], "raftqueue.groups");

    [Fact]
    public Task A_missing_name_is_asked_for() => RefusesAsync(["--config", File("raftqueue.members = [n1]")], "raftqueue.node");

    [Fact]
    public Task An_unknown_variable_is_named() =>
        RefusesAsync(["--config", Node("")], "RAFTQUEUE_NOED", new Dictionary<string, string> { ["RAFTQUEUE_NOED"] = "n1" });

    [Fact]
    public Task A_data_directory_that_cannot_be_written_is_named() =>
        RefusesAsync(["--config", Node("raftqueue.storage.data-directory = \"/dev/null/data\"")], "/dev/null/data");

    [Fact]
    public Task A_database_that_cannot_be_reached_is_named() => RefusesAsync(
        ["--config", Node("raftqueue.storage { provider = postgres, postgres.connection-string = \"Host=127.0.0.1;Port=1;Username=u;Database=d\" }")], "127.0.0.1");

    [Fact]
    public async Task A_data_directory_of_another_node_is_refused()
    {
        await StartAndStopAsync(Node(""));
        await RefusesAsync(["--config", Node("raftqueue { node = n2, members = [n2] }")], "n1");
    }

    [Fact]
    public async Task A_data_directory_in_use_is_refused()
    {
        await using var first = await StartedAsync(Node(""));
        await RefusesAsync(["--config", Node("")], "in use by another node process");
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await RefusesAsync(["--config", Node($"akka.remote.dot-netty.tcp.port = {port}")], $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task A_server_that_is_told_to_stop_while_it_starts_stops_in_good_order()
    {
        await using var server = RunningProgram.Start(Programs.Server, ["--config", Node("")]);
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (!System.IO.File.Exists(_folder.PathOf("data/identity")))
            await Task.Delay(1, deadline.Token);

        var exitCode = await server.TerminateAsync(Programs.Deadline);

        Assert.True(exitCode == 0, server.Output + server.Errors);
        Assert.Contains("Stopping", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public Task An_unknown_verb_is_refused() => RefusesAsync(["statsu"], "statsu");

    [Fact]
    public Task A_cluster_that_is_not_there_is_reported() => RefusesAsync(
        ["status", "--config", File("raftqueue.client.nodes = [\"127.0.0.1:1\"]")], "127.0.0.1:1");

    [Fact]
    public Task A_node_that_is_not_there_is_not_healthy() => RefusesAsync(["health", "--node", "127.0.0.1:1"], "127.0.0.1:1");

    private static async Task RefusesAsync(string[] arguments, string expected, IReadOnlyDictionary<string, string>? environment = null)
    {
        await using var server = RunningProgram.Start(Programs.Server, arguments, environment);
        var exitCode = await server.ExitAsync(Programs.Deadline);
        Assert.NotEqual(0, exitCode);
        Assert.Equal("", server.Output);
        var line = Assert.Single(server.Errors.TrimEnd('\n').Split('\n'));
        Assert.StartsWith("raftqueue: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }

    private static async Task<RunningProgram> StartedAsync(string config)
    {
        var server = RunningProgram.Start(Programs.Server, ["--config", config]);
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (!server.Output.Contains("role ", StringComparison.Ordinal))
        {
            Assert.False(server.HasExited, server.Errors);
            await Task.Delay(20, deadline.Token);
        }

        return server;
    }

    private static async Task StartAndStopAsync(string config)
    {
        await using var server = await StartedAsync(config);
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (!server.Output.Contains("becomes Leader", StringComparison.Ordinal))
            await Task.Delay(20, deadline.Token);
        Assert.True(await server.TerminateAsync(Programs.Deadline) == 0, server.Output + server.Errors);
    }

    private string Node(string more) => File($$"""
        raftqueue { node = n1, members = [n1], storage.data-directory = "{{_folder.PathOf("data")}}" }
        akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        {{more}}
        """);

    private string File(string hocon)
    {
        var path = _folder.PathOf($"{Guid.NewGuid():N}.conf");
        System.IO.File.WriteAllText(path, hocon);
        return path;
    }
}
