using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Akka.Actor;
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
    public Task A_file_that_is_no_HOCON_is_named() => RefusesAsync(["--config", File("raftqueue { node = n1 }\n akka [ }")], ".conf:2: ");

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
    [Trait("Category", "Fault")]
    public async Task F27_A_second_node_on_the_same_data_is_refused_with_its_exit_code()
    {
        await using var first = await StartedAsync(Node(""));
        await using var second = RunningProgram.Start(Programs.Server, ["--config", Node("")]);

        Assert.Equal(2, await second.ExitAsync(Programs.Deadline));
        Assert.Contains(_folder.PathOf("data"), second.Errors, StringComparison.Ordinal);
        Assert.Contains("in use by another node process", second.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F17_A_server_whose_root_actor_has_died_ends_with_its_exit_code()
    {
        await using var server = await StartedAsync(Node(""));
        var address = Regex.Match(server.Output, @"akka\.tcp://raftqueue@\S+").Value;
        using var intruder = ActorSystem.Create("intruder", """
            akka { loglevel = OFF, stdout-loglevel = OFF, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }
            """);

        intruder.ActorSelection($"{address}/user/raftqueue").Tell(PoisonPill.Instance);

        Assert.Equal(3, await server.ExitAsync(Programs.Deadline));
        Assert.StartsWith("raftqueue: the node has stopped: the root of the node (/user/raftqueue) ", server.Errors, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Fault")]
    public async Task F20_Status_says_by_its_exit_code_that_a_node_is_healthy_and_that_it_is_not()
    {
        var healthy = Node("");
        await using (var server = await StartedAsync(healthy))
        {
            var client = File($"raftqueue.client.nodes = [\"{Regex.Match(server.Output, @"akka\.tcp://raftqueue@\S+").Value}\"]");
            await ExitsAsync(0, ["status", "--config", client], "Leader");
        }

        await using var lonely = await StartedAsync(
            Node($"raftqueue {{ node = n2, members = [n1, n2], storage.data-directory = \"{_folder.PathOf("lonely")}\" }}"));
        var its = File($"raftqueue.client.nodes = [\"{Regex.Match(lonely.Output, @"akka\.tcp://raftqueue@\S+").Value}\"]");
        await ExitsAsync(1, ["status", "--config", its], "group 0: n2 is not healthy.");
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

    // A node needs a moment to be what it will be.
    private static async Task ExitsAsync(int exitCode, string[] arguments, string expected)
    {
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (true)
        {
            await using var server = RunningProgram.Start(Programs.Server, arguments);
            var exited = await server.ExitAsync(Programs.Deadline);
            if (exited == exitCode && (server.Output + server.Errors).Contains(expected, StringComparison.Ordinal))
                return;
            Assert.False(deadline.IsCancellationRequested, $"{exited}: {server.Output}{server.Errors}");
        }
    }

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
