using System.CommandLine;
using RaftQueue.Chaos.Cluster;
using RaftQueue.Chaos.History;
using RaftQueue.Chaos.Load;

namespace RaftQueue.Chaos.Commands;

/// <summary><c>client</c>: one client of a run, in a process of its own. The run starts it.</summary>
internal static class ClientCommand
{
    public static Command Create()
    {
        var nodes = new Option<string>("--nodes") { Required = true };
        var host = new Option<string>("--host") { Required = true };
        var queue = new Option<string>("--queue") { Required = true };
        var seed = new Option<int>("--seed");
        var begun = new Option<long>("--begun");
        var firstOp = new Option<long>("--first-op");
        var command = new Command("client", "A client of a run, in a process of its own.") { nodes, host, queue, seed, begun, firstOp };
        command.Hidden = true;
        command.SetAction((parsed, stop) => RunAsync(
            parsed.GetValue(nodes)!.Split(','),
            parsed.GetValue(host)!,
            new PollingLoad(
                new HistoryRecorder(parsed.GetValue(begun), parsed.GetValue(firstOp), Console.Out), parsed.GetValue(queue)!, parsed.GetValue(seed)),
            stop));
        return command;
    }

    // It ends when its standard input does: when the run asks for that, or is gone.
    private static async Task<int> RunAsync(string[] nodes, string host, PollingLoad load, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var waiting = Task.Run(() =>
        {
            while (Console.In.ReadLine() is not null)
            {
                // nothing is said to it
            }

            end.Cancel();
        }, CancellationToken.None);
        await using var client = await ServerCluster.ConnectAsync(nodes, host, options => options.RequestTimeout = PollingLoad.RequestTimeout, stop);
        await load.RunAsync(client, end.Token);
        await waiting;
        return 0;
    }
}
