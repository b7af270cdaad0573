using RaftQueue.Client;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Client;

namespace RaftQueue.Server.Operating;

/// <summary>What one node says of its replica of a group, or why it says nothing.</summary>
/// <param name="Group">The group.</param>
/// <param name="Node">The node.</param>
/// <param name="Status">What it says; null where it did not answer.</param>
/// <param name="Problem">Why it did not answer; empty where it did.</param>
internal sealed record ReplicaAnswer(int Group, NodeId Node, ReplicaStatus? Status, string Problem);

/// <summary>What all nodes say of all groups. Each speaks for itself, so they may differ for a moment.</summary>
internal static class ClusterStatus
{
    /// <summary>Asks every node that is known, and every member of a group that is not.</summary>
    public static async Task<IReadOnlyList<ReplicaAnswer>> ReadAsync(RaftQueueClient client, CancellationToken stop)
    {
        var nodes = (await client.Admin.ListNodesAsync(stop)).Select(node => node.Node);
        var groups = Enumerable.Range(0, await client.Admin.CountGroupsAsync(stop));
        var answers = await Task.WhenAll(groups.SelectMany(group => nodes.Select(node => AskAsync(client, group, node, stop))));
        return [.. answers.Concat(Unheard(answers)).OrderBy(answer => answer.Group).ThenBy(answer => answer.Node)];
    }

    /// <summary>What is not as it should be, in one line; null where every node answers and is healthy.</summary>
    public static string? ProblemOf(IReadOnlyCollection<ReplicaAnswer> answers)
    {
        if (answers.Count == 0)
            return "no node answers.";
        string[] problems =
        [
            .. Problem(answers, "does not answer", answer => answer.Status is null),
            .. Problem(answers, "is not healthy", answer => answer.Status is { IsHealthy: false }),
        ];
        return problems.Length > 0 ? $"{string.Join("; ", problems)}." : null;
    }

    private static IEnumerable<string> Problem(IEnumerable<ReplicaAnswer> answers, string what, Func<ReplicaAnswer, bool> isSo) => answers
        .Where(isSo)
        .GroupBy(answer => answer.Group)
        .Select(group => $"group {group.Key}: {string.Join(", ", group.Select(answer => answer.Node))} {what}");

    private static async Task<ReplicaAnswer> AskAsync(RaftQueueClient client, int group, NodeId node, CancellationToken stop)
    {
        try
        {
            return new ReplicaAnswer(group, node, await client.Admin.GetStatusAsync(node.Value, group, stop), "");
        }
        catch (RequestTimeoutException)
        {
            return new ReplicaAnswer(group, node, null, "does not answer");
        }
        catch (RaftQueueException refused)
        {
            return new ReplicaAnswer(group, node, null, refused.Message);
        }
    }

    private static IEnumerable<ReplicaAnswer> Unheard(IReadOnlyCollection<ReplicaAnswer> answers) => answers
        .Where(answer => answer.Status is not null)
        .SelectMany(answer => answer.Status!.Members.Members.Select(member => (answer.Group, Node: member.Id)))
        .Distinct()
        .Except(answers.Select(answer => (answer.Group, answer.Node)))
        .Select(member => new ReplicaAnswer(member.Group, member.Node, null, "has not been heard of since the others started"));
}
