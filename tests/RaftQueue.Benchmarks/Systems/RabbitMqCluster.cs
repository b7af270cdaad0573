using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace RaftQueue.Benchmarks.Systems;

/// <summary>
/// Three RabbitMQ servers of the Debian package <c>rabbitmq-server</c> on loopback, with a port mapper of their own, in a folder that is removed at the end. The
/// package's server must run as root or as its own user.
/// </summary>
public sealed class RabbitMqCluster : IAsyncDisposable
{
    private const int Size = 3;
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly List<ServerProcess> _servers = [];
    private readonly List<int> _pids = [];
    private readonly int[] _ports = LoopbackPorts.Free((2 * Size) + 1);
    private readonly string _programs;

    private RabbitMqCluster(string programs) => _programs = programs;

    /// <summary>Where the nodes take AMQP connections.</summary>
    public IReadOnlyList<int> Ports => _ports[..Size];

    /// <summary>The processes of the servers.</summary>
    public NodeProcesses Nodes => new(_pids);

    /// <summary>Starts the servers and waits until each knows the others.</summary>
    /// <exception cref="InvalidOperationException">The package is not installed, or the servers do not come up.</exception>
    public static async Task<RabbitMqCluster> StartAsync(CancellationToken cancellation)
    {
        var cluster = new RabbitMqCluster(FindPrograms());
        try
        {
            cluster.WriteConfiguration();
            cluster._servers.Add(ServerProcess.Start(cluster.Program("epmd", 0, "-address", "127.0.0.1")));
            for (var node = 0; node < Size; node++)
                await cluster.StartNodeAsync(node, cancellation);
            await cluster.WaitAsync("all three nodes in the cluster", async () => await cluster.ControlAsync("eval", "length(rabbit_nodes:all_running()).") == "3", cancellation);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The node that leads a queue.</summary>
    public async Task<int> LeaderOfAsync(string queue)
    {
        var lines = await ControlAsync("list_queues", "name", "leader", "--no-table-headers");
        var line = lines.Split('\n').First(line => line.StartsWith($"{queue}\t", StringComparison.Ordinal));
        return int.Parse(line.Split('\t')[1].Split('@')[0].AsSpan("rq".Length), CultureInfo.InvariantCulture) - 1;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        foreach (var pid in _pids.Where(pid => Directory.Exists($"/proc/{pid}")))
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            await process.WaitForExitAsync();
        }

        foreach (var server in _servers)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    private static string FindPrograms() =>
        Directory.Exists("/usr/lib/rabbitmq/lib")
        && Directory.GetDirectories("/usr/lib/rabbitmq/lib", "rabbitmq_server-*").FirstOrDefault() is { } version
            ? Path.Combine(version, "sbin")
            : throw new InvalidOperationException("RabbitMQ is not installed: apt-get install rabbitmq-server (its service need not run).");

    private void WriteConfiguration()
    {
        var cookie = _folder.PathOf(".erlang.cookie");
        File.WriteAllText(cookie, Convert.ToHexString(RandomNumberGenerator.GetBytes(10)));
        File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        File.WriteAllText(_folder.PathOf("plugins"), "[].");
        var members = Enumerable.Range(0, Size).Select(node => $"cluster_formation.classic_config.nodes.{node + 1} = {NameOf(node)}");
        File.WriteAllLines(
            _folder.PathOf("rabbitmq.conf"), ["cluster_formation.peer_discovery_backend = classic_config", .. members, "log.console = false"]);
    }

    private async Task StartNodeAsync(int node, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_folder.PathOf(NameOf(node)));
        _servers.Add(ServerProcess.Start(Program(Path.Combine(_programs, "rabbitmq-server"), node)));
        await WaitAsync($"node {NameOf(node)}", async () =>
        {
            var control = await RunAsync(Program(Path.Combine(_programs, "rabbitmqctl"), node, "-q", "await_startup", "--timeout", "60"));
            return control.ExitCode == 0;
        }, cancellation);
        _pids.Add(int.Parse(await File.ReadAllTextAsync(PidFile(node)), CultureInfo.InvariantCulture));
    }

    private async Task<string> ControlAsync(params string[] arguments) =>
        (await RunAsync(Program(Path.Combine(_programs, "rabbitmqctl"), 0, ["-q", .. arguments]))).Output.Trim();

    private async Task WaitAsync(string what, Func<Task<bool>> isThere, CancellationToken cancellation)
    {
        for (var watch = Stopwatch.StartNew(); !await isThere(); await Task.Delay(250, cancellation))
        {
            if (watch.Elapsed > StartLimit)
                throw new InvalidOperationException($"RabbitMQ did not come up within {StartLimit.TotalSeconds} s: {what}. {_servers[^1].LastWords}");
        }
    }

    private ProcessStartInfo Program(string path, int node, params string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments);
        foreach (var (name, value) in Settings(node))
            start.Environment[name] = value;
        return start;
    }

    private Dictionary<string, string> Settings(int node) => new()
    {
        ["HOME"] = _folder.Path, // where the cookie is
        ["LANG"] = "C.UTF-8",
        ["LC_ALL"] = "C.UTF-8",
        ["ERL_EPMD_PORT"] = Text(_ports[^1]),
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_NODENAME"] = NameOf(node),
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = Text(_ports[node]),
        ["RABBITMQ_DIST_PORT"] = Text(_ports[Size + node]),
        ["RABBITMQ_MNESIA_BASE"] = _folder.PathOf(NameOf(node), "data"),
        ["RABBITMQ_LOG_BASE"] = _folder.PathOf(NameOf(node), "log"),
        ["RABBITMQ_PID_FILE"] = PidFile(node),
        ["RABBITMQ_CONFIG_FILE"] = _folder.PathOf("rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = _folder.PathOf("plugins"),
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
    };

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await errors;
        await process.WaitForExitAsync();
        return (process.ExitCode, output);
    }

    private string PidFile(int node) => _folder.PathOf(NameOf(node), "pid");

    private static string NameOf(int node) => $"rq{node + 1}@localhost";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
