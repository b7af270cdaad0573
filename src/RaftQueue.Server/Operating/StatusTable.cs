using System.Globalization;
using RaftQueue.Contracts.Client;
using Spectre.Console;

namespace RaftQueue.Server.Operating;

/// <summary>The status of a cluster as a table for people.</summary>
internal static class StatusTable
{
    private static readonly string[] Columns = ["group", "node", "role", "term", "leader", "log", "commit", "applied", "snapshot", "digest", "health"];

    public static void Write(IEnumerable<ReplicaAnswer> answers)
    {
        // A file or a pipe has no width; a row is one line there, so that tools can read it.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 240;
        var table = new Table().Border(TableBorder.Simple);
        foreach (var column in Columns)
            table.AddColumn(column, shown => shown.NoWrap());
        foreach (var answer in answers)
            table.AddRow([.. Row(answer).Select(Markup.Escape).Select((cell, i) => i == Columns.Length - 1 ? Colour(answer, cell) : cell)]);
        AnsiConsole.Write(table);
    }

    private static IEnumerable<string> Row(ReplicaAnswer answer) => answer.Status is { } status
        ? [Number(answer.Group), answer.Node.Value, RoleOf(status), Number(status.Term.Value), status.Leader?.Value ?? "none",
            $"{status.FirstIndex}..{status.LastIndex}", Number(status.CommitIndex.Value), Number(status.AppliedIndex.Value),
            Number(status.SnapshotIndex.Value), Short(status.Digest), status.IsHealthy ? "ok" : status.Health]
        : [Number(answer.Group), answer.Node.Value, "", "", "", "", "", "", "", "", answer.Problem];

    private static string RoleOf(ReplicaStatus status) =>
        status.Members.Find(status.Node) is null ? "no member" : status.Members.HasVoter(status.Node) ? status.Role : "Learner";

    private static string Colour(ReplicaAnswer answer, string cell) =>
        $"[{(answer.Status is { IsHealthy: true } ? "green" : "red")}]{cell}[/]";

    // Enough to compare; --json has the whole of it.
    private static string Short(string digest) => digest.Length > 16 ? digest[..16] : digest;

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
