using RaftQueue.Client;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Node.Tests.Storage;

namespace RaftQueue.MultiNode.Tests.Programs;

/// <summary>Real server processes from the files of a folder of hocon/, with their data in a temporary folder.</summary>
internal sealed class Servers : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, RunningProgram> _running = [];
    private readonly string _hocon;
    private readonly string[] _moreFiles;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly int _count;

    private Servers(string hocon, int count, string[] moreFiles, IReadOnlyDictionary<string, string> environment) =>
        (_hocon, _count, _moreFiles, _environment) = (hocon, count, moreFiles, environment);

    public RaftQueueClient Client { get; private set; } = null!;

    public string ClientFile => $"{_hocon}/client.conf";

    public IReadOnlyDictionary<string, RunningProgram> Running => _running;

    private IEnumerable<string> Names => Enumerable.Range(1, _count).Select(i => $"n{i}");

    public static async Task<Servers> StartAsync(
        string hocon, int count, string[]? moreFiles = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var servers = new Servers(hocon, count, moreFiles ?? [], environment ?? new Dictionary<string, string>());
        try
        {
            foreach (var name in servers.Names)
                servers.Start(name);
            var files = new[] { servers.ClientFile }.Concat(servers._moreFiles).Select(file => Path.Combine(Repository.Root, file));
            var options = RaftQueueClientOptions.From(HoconFile.Load(files));
            options.ConnectTimeout = options.RequestTimeout = Programs.Deadline;
            options.WaitForNodes = true;
            servers.Client = await RaftQueueClient.ConnectAsync(options);
            await servers.LeaderAsync();
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public string PathOf(string file) => _folder.PathOf(file);

    public void Start(string name)
    {
        var environment = new Dictionary<string, string>(_environment) { ["RAFTQUEUE_DATA"] = PathOf(name) };
        var files = new[] { $"{_hocon}/node{name[1..]}.conf" }.Concat(_moreFiles);
        _running[name] = RunningProgram.Start(Programs.Server, ["--config", .. files], environment);
    }

    public async Task KillAsync(string name)
    {
        await _running[name].KillAsync();
        _running.Remove(name);
    }

    /// <summary>The leader by its own word.</summary>
    public async Task<string> LeaderAsync()
    {
        var replicas = await AwaitAsync(replicas => replicas.Any(replica => replica.Role == "Leader"), "a leader is elected");
        return replicas.Where(replica => replica.Role == "Leader").MaxBy(replica => replica.Term)!.Node.Value;
    }

    /// <summary>Waits until all servers have applied as much of the log.</summary>
    /// <returns>What each then says of itself; their digests are for the test to compare.</returns>
    public Task<IReadOnlyList<ReplicaStatus>> AgreeAsync() => AwaitAsync(
        replicas => replicas.Count == _count && replicas.DistinctBy(replica => replica.AppliedIndex).Count() == 1, "all nodes have applied as much");

    public async ValueTask DisposeAsync()
    {
        if (Client is not null)
            await Client.DisposeAsync();
        foreach (var server in _running.Values)
            await server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<IReadOnlyList<ReplicaStatus>> AwaitAsync(Func<IReadOnlyList<ReplicaStatus>, bool> condition, string expectation)
    {
        using var deadline = new CancellationTokenSource(Programs.Deadline);
        while (true)
        {
            var answers = await Task.WhenAll(_running.Keys.Select(name => AskAsync(name, deadline.Token)));
            IReadOnlyList<ReplicaStatus> replicas = [.. answers.OfType<ReplicaStatus>()];
            if (condition(replicas))
                return replicas;
            if (deadline.IsCancellationRequested)
                throw new TimeoutException($"Not so within {Programs.Deadline.TotalSeconds} s: {expectation}.\n{string.Join('\n', replicas)}\n{Logs()}");
            await Task.Delay(50);
        }
    }

    private async Task<ReplicaStatus?> AskAsync(string name, CancellationToken deadline)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(deadline);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        try
        {
            return await Client.Admin.GetStatusAsync(name, 0, patience.Token);
        }
        catch (Exception problem) when (problem is RaftQueueException or OperationCanceledException)
        {
            return null; // not up yet
        }
    }

    private string Logs() => string.Join('\n', _running.Select(server => $"--- {server.Key}\n{server.Value.Output}{server.Value.Errors}"));
}
