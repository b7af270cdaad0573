using System.CommandLine;
using RaftQueue.Contracts;
using RaftQueue.Node;
using RaftQueue.Node.Storage;

namespace RaftQueue.Server.Operating;

/// <summary>
/// Lets a node whose data is damaged begin anew: what it has is set aside, and at its next start it fetches a clean copy from the others, as a learner.
/// </summary>
internal static class RepairCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var configs = ConfigOption.Create("The node's own HOCON files. The node must not run; the others must.");
        var command = new Command("repair", "Sets a node's damaged data aside; at its next start it fetches a clean copy from the other nodes.") { configs };
        command.SetAction((parsed, stop) => Failures.ReportAsync(() => RunAsync(parsed.GetValue(configs) ?? [], stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, CancellationToken stop)
    {
        var settings = RaftQueueSettings.Create(ServerConfig.Read(paths));
        NodeStorage.RefuseIfInUse(settings.Storage);
        var strangers = await AskTheOthersAsync(paths, settings.Node, stop);
        var place = NodeStorage.SetAside(settings.Storage, settings.Node.Value);
        Console.WriteLine($"What node {settings.Node} had is kept in {place}.");
        Console.WriteLine("Start the node now: it comes back as a learner with nothing, is sent a clean copy, and votes again once it has caught up.");
        foreach (var group in strangers)
            Console.WriteLine($"It is no member of group {group}: when it runs, add it with: member add {settings.Node} --group {group}");
        return ExitCodes.Success;
    }

    // Its copy may be the last one of a confirmed message, as long as the others cannot say otherwise. They get the time of an election: who repairs a node may have stopped their leader a moment ago.
    private static async Task<IReadOnlyList<int>> AskTheOthersAsync(string[] paths, NodeId node, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        string? objection = null;
        return await AskedAgain.UntilAnsweredAsync<IReadOnlyList<int>>(
            async () =>
            {
                var groups = await GroupView.ReadAsync(client, stop);
                objection = groups.Select(group => group.ObjectionToLosing(node)).FirstOrDefault(each => each is not null);
                return objection is null ? [.. groups.Where(group => group.Leader!.Members.Find(node) is null).Select(group => group.Group)] : null;
            },
            Patience,
            () => objection!,
            stop);
    }
}
