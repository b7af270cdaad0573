using System.CommandLine;
using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Node;
using RaftQueue.Node.Backups;
using RaftQueue.Node.Storage;

namespace RaftQueue.Server.Operating;

/// <summary>Copies what a running node has stored into one file; everything that was confirmed before is in it.</summary>
internal static class BackupCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Command Create()
    {
        var configs = ConfigOption.Create("The node's own HOCON files. The node runs, and its database can be reached from here.");
        var file = new Option<string>("--out", "-o") { Description = "The file to write; it must not exist.", HelpName = "file", Required = true };
        var stopped = new Option<bool>("--stopped") { Description = "The node does not run, because its cluster cannot elect a leader any more: copy its whole log." };
        var command = new Command("backup", "Copies all that a running node has into one file, with everything that was confirmed before.") { configs, file, stopped };
        command.SetAction((parsed, stop) => Failures.ReportAsync(
            () => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(file)!, parsed.GetValue(stopped), stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string file, bool isStopped, CancellationToken stop)
    {
        var settings = RaftQueueSettings.Create(ServerConfig.Read(paths));
        if (isStopped)
            NodeStorage.RefuseIfInUse(settings.Storage);
        var contents = NodeBackup.Take(settings, isStopped ? null : await CommittedHereAsync(paths, settings.Node, stop), file);
        var what = isStopped ? "the whole log" : "all that was committed";
        foreach (var group in contents.Groups)
            Console.WriteLine($"group {group.Group}: {what} through index {group.LastIndex} of term {group.LastTerm}, in {group.Files.Count} files");
        Console.WriteLine($"{file}: {new FileInfo(file).Length} bytes, from node {settings.Node} at {contents.TakenAt:u}");
        return ExitCodes.Success;
    }

    /// <summary>For each group an index that is committed on the node, and behind which lies everything that was confirmed before this was asked.</summary>
    private static async Task<IReadOnlyList<LogIndex>> CommittedHereAsync(string[] paths, NodeId node, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        var leaders = await AskedAgain.UntilAnsweredAsync(
            () => CommittedAsync(client, stop),
            Patience,
            () => $"for {Patience.TotalSeconds} s no leader has led for the time of a question, so nobody could say what was confirmed before.",
            stop);
        return await AskedAgain.UntilAnsweredAsync(
            () => CaughtUpAsync(client, node, leaders, stop),
            Patience,
            () => $"node {node} does not run, or lags behind: in {Patience.TotalSeconds} s it has not caught up with what was confirmed before.",
            stop);
    }

    // What a leader says of itself counts when it led before and after a read that only a leader with a majority can answer.
    private static async Task<IReadOnlyList<LogIndex>?> CommittedAsync(RaftQueueClient client, CancellationToken stop)
    {
        var before = await GroupView.ReadAsync(client, stop);
        await client.ListQueuesAsync(cancellation: stop);
        var after = await GroupView.ReadAsync(client, stop);
        return before.Zip(after, IsLedAsBefore).All(isLed => isLed) ? [.. after.Select(group => group.Leader!.CommitIndex)] : null;
    }

    private static async Task<IReadOnlyList<LogIndex>?> CaughtUpAsync(RaftQueueClient client, NodeId node, IReadOnlyList<LogIndex> leaders, CancellationToken stop)
    {
        var groups = await GroupView.ReadAsync(client, stop);
        var here = groups.Select(group => group.Replicas.FirstOrDefault(replica => replica.Node == node)?.CommitIndex ?? LogIndex.Zero).ToList();
        return here.Zip(leaders, (own, wanted) => own >= wanted).All(isEnough => isEnough) ? here : null;
    }

    private static bool IsLedAsBefore(GroupView before, GroupView after) =>
        before.Leader is { } first && after.Leader is { } second && (first.Node, first.Term) == (second.Node, second.Term);
}
