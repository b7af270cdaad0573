using RaftQueue.Client;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Samples.QuickStart;

/// <summary>The course of the demonstration.</summary>
internal sealed class Demonstration : IDisposable
{
    private const int Messages = 10_000;
    private const string Queue = "quickstart";
    private static readonly string[] Names = ["n1", "n2", "n3"];
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private readonly Story _story = new();
    private readonly Tally _tally = new(Messages);
    private readonly NodeFiles _files = new(Names);
    private readonly Dictionary<string, NodeProcess> _nodes;

    private Demonstration() => _nodes = Names.ToDictionary(name => name, name => new NodeProcess(name, _files.ConfigOf(name)));

    /// <summary>Runs it.</summary>
    /// <returns>Whether every confirmed message was received and none was stored twice.</returns>
    public static async Task<bool> RunAsync(CancellationToken stop)
    {
        using var demonstration = new Demonstration();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Deadline);
        try
        {
            return await demonstration.PlayAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException($"It was not done within {Deadline.TotalMinutes:0} minutes; this machine may be very busy.");
        }
    }

    public void Dispose()
    {
        foreach (var node in _nodes.Values)
            node.Dispose();
        _files.Dispose();
    }

    private async Task<bool> PlayAsync(CancellationToken stop)
    {
        _story.Tell($"Three nodes start, each a process of its own with its own SQLite files, in {_files.Folder}.");
        foreach (var node in _nodes.Values)
            node.Start();
        var options = new RaftQueueClientOptions { ConnectTimeout = TimeSpan.FromSeconds(30), WaitForNodes = true };
        foreach (var address in _files.Addresses)
            options.Nodes.Add(address);
        await using var client = await RaftQueueClient.ConnectAsync(options, stop);

        var leader = await LeaderAsync(client, stop);
        _story.Tell($"[bold]{leader.Node}[/] is elected leader, in term {leader.Term}.");
        await client.DeclareQueueAsync(Queue, cancellation: stop);
        _story.Tell($"{Messages:N0} messages are sent and received.");
        var traffic = new Traffic(client, Queue, Messages, _tally);
        var work = Task.WhenAll(traffic.SendAsync(stop), traffic.ReceiveAsync(stop));
        await DisturbAsync(client, work, stop);
        await FollowAsync(work, () => work.IsCompleted, stop);
        await work;
        return await ConcludeAsync(client, stop);
    }

    private async Task DisturbAsync(RaftQueueClient client, Task work, CancellationToken stop)
    {
        await FollowAsync(work, () => _tally.Confirmed >= Messages / 2, stop);
        var victim = await LeaderAsync(client, stop);
        _nodes[victim.Node.Value].Kill();
        var killed = _story.Now;
        _story.Tell($"[red]SIGKILL[/] to [bold]{victim.Node}[/], the leader, in the midst of it.");

        var successor = await LeaderAsync(client, stop, above: victim.Term.Value);
        _story.Tell($"[bold]{successor.Node}[/] is elected leader, in term {successor.Term}, {(_story.Now - killed).TotalSeconds:0.0} s later.");
        _nodes[victim.Node.Value].Start();
        _story.Tell($"[bold]{victim.Node}[/] is started again, on its own files.");
    }

    // A line of progress every second, until something holds.
    private async Task FollowAsync(Task work, Func<bool> until, CancellationToken stop)
    {
        var told = _story.Now;
        while (!until())
        {
            if (work.IsFaulted)
                await work;
            await Task.Delay(Poll, stop);
            if (_story.Now - told < TimeSpan.FromSeconds(1))
                continue;
            told = _story.Now;
            _story.TellProgress(_tally);
        }
    }

    private async Task<bool> ConcludeAsync(RaftQueueClient client, CancellationToken stop)
    {
        _story.TellProgress(_tally);
        var stats = await client.GetQueueStatsAsync(Queue, stop);
        _story.Tell("All three nodes must come to the same state:");
        IReadOnlyList<ReplicaStatus> replicas;
        do
        {
            await Task.Delay(Poll, stop);
            replicas = await StatusAsync(client, stop);
        }
        while (replicas.Count < Names.Length || replicas.DistinctBy(replica => (replica.AppliedIndex, replica.Digest)).Count() > 1);

        Story.Show(replicas);
        var (lost, storedTwice) = (_tally.Lost, _tally.StoredTwice(stats));
        Story.Conclude(_tally, lost, storedTwice);
        return lost + storedTwice == 0;
    }

    private async Task<ReplicaStatus> LeaderAsync(RaftQueueClient client, CancellationToken stop, long above = 0)
    {
        while (true)
        {
            var leader = (await StatusAsync(client, stop)).Where(replica => replica.Role == "Leader" && replica.Term.Value > above).MaxBy(replica => replica.Term);
            if (leader is not null)
                return leader;
            await Task.Delay(Poll, stop);
        }
    }

    // Every running node, by its own word.
    private async Task<IReadOnlyList<ReplicaStatus>> StatusAsync(RaftQueueClient client, CancellationToken stop)
    {
        var replicas = await Task.WhenAll(_nodes.Values.Where(node => node.IsRunning).Select(node => AskAsync(client, node, stop)));
        return [.. replicas.OfType<ReplicaStatus>()];
    }

    private static async Task<ReplicaStatus?> AskAsync(RaftQueueClient client, NodeProcess node, CancellationToken stop)
    {
        node.ThrowIfGone();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(TimeSpan.FromSeconds(1));
        try
        {
            return await client.Admin.GetStatusAsync(node.Name, 0, patience.Token);
        }
        catch (Exception problem) when (problem is RaftQueueException || (problem is OperationCanceledException && !stop.IsCancellationRequested))
        {
            return null; // not up yet, or not heard of yet
        }
    }
}
