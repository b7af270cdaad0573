using Akka.Actor;
using Akka.Configuration;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;
using RaftQueue.Node;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>One server of a <see cref="TestCluster"/>. Its name, place and data outlive its stops and crashes.</summary>
internal sealed class TestNode(string name, string address, string folder, Config config)
{
    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(10);

    private RaftQueueNode? _running;

    public string Name => name;

    /// <summary>Where it listens, as other nodes and clients name it.</summary>
    public string Address => address;

    public bool IsRunning => _running is not null;

    public ActorSystem System => Running.System;

    private RaftQueueNode Running => _running ?? throw new InvalidOperationException($"{name} is not running.");

    public void Start() => _running = RaftQueueNode.Start(config);

    /// <summary>Starts it as a program of another version: one that knows queue machines up to <paramref name="machineVersion"/>.</summary>
    public void Start(int machineVersion)
    {
        var settings = RaftQueueSettings.Create(config);
        settings.Raft = settings.Raft with { Rules = settings.Raft.Rules with { MachineVersion = machineVersion } };
        _running = RaftQueueNode.StartWith(settings, config, RaftQueueNode.DefaultSystemName);
    }

    /// <summary>Stops it as an operator does.</summary>
    public async Task StopAsync()
    {
        await Running.StopAsync();
        _running = null;
    }

    /// <summary>
    /// Stops it without a word: nothing is handed over, and it does not leave the Akka cluster. What a process that is killed loses beyond that is the business of the
    /// specs with real processes.
    /// </summary>
    public async Task CrashAsync()
    {
        var crashed = Running;
        _running = null;
        await crashed.System.Terminate();
        await crashed.WhenStopped;
    }

    /// <summary>How much it has on its disk.</summary>
    public long DataBytes => new DirectoryInfo(Path.Combine(folder, "data")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    /// <summary>Where it keeps a file.</summary>
    public string PathOf(string file) => Path.Combine(folder, "data", file);

    /// <summary>What it has logged so far.</summary>
    public async Task<string> ReadLogAsync()
    {
        await using var file = new FileStream(Path.Combine(folder, "node.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Whether its log contains a text by now.</summary>
    public async Task<bool> HasLoggedAsync(string text) => File.Exists(Path.Combine(folder, "node.log")) && (await ReadLogAsync()).Contains(text, StringComparison.Ordinal);

    public void DeleteData() => Directory.Delete(Path.Combine(folder, "data"), recursive: true);

    /// <summary>How it sees its replica, asked from within; null while that recovers, or the node is down.</summary>
    public async Task<ReplicaStatus?> StatusAsync(int group = 0) =>
        (await AskAsync<ClientReply>(new AdminRequest(1, new GroupId(group), GetStatus.Instance)))?.Reply as ReplicaStatus;

    /// <summary>Waits until it knows where the other node is.</summary>
    public Task HearsOfAsync(TestNode other) => Eventually.HoldsAsync(
        $"{name} has heard of {other}",
        async () => await AskAsync<Welcome>(new Hello(1)) is { } welcome && welcome.Nodes.Any(node => node.Node.Value == other.Name));

    /// <summary>Gives its gateway a command for group 0, without any client that would follow redirects.</summary>
    public async Task<IReply> AskAsync(ICommand command) =>
        (await AskAsync<ClientReply>(new CommandRequest(1, new GroupId(0), CommandCodec.Encode(command))))!.Reply;

    /// <summary>Gives its gateway an operator's order for group 0.</summary>
    public async Task<IReply> AskAsync(IAdminCommand order) => (await AskAsync<ClientReply>(new AdminRequest(1, new GroupId(0), order)))!.Reply;

    /// <summary>Gives its gateway a question for group 0.</summary>
    public async Task<IReply> AskAsync(IQuery query) => (await AskAsync<ClientReply>(new QueryRequest(1, new GroupId(0), query)))!.Reply;

    public override string ToString() => name;

    // Null while it is down or starting: a gateway that is not there yet would not answer.
    private async Task<T?> AskAsync<T>(IClientMessage request)
        where T : class, IClientMessage
    {
        if (_running is null)
            return null;
        var found = await System.ActorSelection("/user/raftqueue/gateway").Ask<ActorIdentity>(new Identify(name), AskTimeout);
        return found.Subject is { } gateway ? await gateway.Ask<T>(request, AskTimeout) : null;
    }
}
