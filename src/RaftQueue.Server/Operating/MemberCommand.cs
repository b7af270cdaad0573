using System.CommandLine;
using RaftQueue.Client;
using RaftQueue.Client.Admin;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Server.Operating;

/// <summary>Changes the members of the cluster, one node at a time.</summary>
internal static class MemberCommand
{
    private delegate Task<Configuration> Change(ClusterAdmin admin, string node, int group, CancellationToken stop);

    public static Command Create() => new("member", "Changes the members of the cluster, one node at a time.")
    {
        Verb("add", "Lets a running node join as a learner; it becomes a voter by itself once it has caught up.", (admin, node, group, stop) => admin.AddMemberAsync(node, group, stop)),
        Verb("promote", "Makes a learner a voter now; refused while it lags behind.", (admin, node, group, stop) => admin.PromoteMemberAsync(node, group, stop)),
        Verb("remove", "Takes a node out; a leader too, and another then leads.", (admin, node, group, stop) => admin.RemoveMemberAsync(node, group, stop)),
    };

    private static Command Verb(string name, string description, Change change)
    {
        var node = new Argument<string>("node") { Description = "The node's name, as in its raftqueue.node." };
        var configs = ConfigOption.Create("A client's HOCON file, such as hocon/client.conf.");
        var group = new Option<int?>("--group") { Description = "Only in this Raft group; without it in all.", HelpName = "number" };
        var command = new Command(name, description) { node, configs, group };
        command.SetAction((parsed, stop) => Failures.ReportAsync(
            () => RunAsync(parsed.GetValue(configs) ?? [], parsed.GetValue(node)!, parsed.GetValue(group), change, stop)));
        return command;
    }

    private static async Task<int> RunAsync(string[] paths, string node, int? only, Change change, CancellationToken stop)
    {
        await using var client = await ClusterConnection.OpenAsync(paths, stop);
        foreach (var group in await GroupsAsync(client, only, stop))
            Console.WriteLine($"Group {group} now has {await change(client.Admin, node, group, stop)}.");
        return ExitCodes.Success;
    }

    private static async Task<IEnumerable<int>> GroupsAsync(RaftQueueClient client, int? only, CancellationToken stop) =>
        only is { } group ? [group] : Enumerable.Range(0, await client.Admin.CountGroupsAsync(stop));
}
