using System.Text.Json;

namespace RaftQueue.Server.Operating;

/// <summary>The status of a cluster for programs: an array with an object for each node of each group.</summary>
internal static class StatusJson
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true };

    public static string Of(IEnumerable<ReplicaAnswer> answers) => JsonSerializer.Serialize(answers.Select(ToObject), Options);

    private static object ToObject(ReplicaAnswer answer) => answer.Status is not { } status
        ? new { group = answer.Group, node = answer.Node.Value, answered = false, healthy = false, health = answer.Problem }
        : new
        {
            group = answer.Group,
            node = answer.Node.Value,
            answered = true,
            incarnation = status.Incarnation.Value,
            role = status.Role,
            term = status.Term.Value,
            leader = status.Leader?.Value,
            firstIndex = status.FirstIndex.Value,
            lastIndex = status.LastIndex.Value,
            commitIndex = status.CommitIndex.Value,
            appliedIndex = status.AppliedIndex.Value,
            snapshotIndex = status.SnapshotIndex.Value,
            longestApplyMilliseconds = status.LongestApply.TotalMilliseconds,
            logTimeOffsetMilliseconds = status.LogTimeOffset?.TotalMilliseconds,
            digest = status.Digest,
            members = status.Members.Members.Select(member => new { node = member.Id.Value, kind = member.Kind.ToString() }),
            progress = status.Progress.Select(member => new { node = member.Node.Value, matchIndex = member.MatchIndex.Value, phase = member.Phase }),
            healthy = status.IsHealthy,
            health = status.Health,
        };
}
