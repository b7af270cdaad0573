using System.Diagnostics;
using RaftQueue.Contracts.Client;
using Spectre.Console;

namespace RaftQueue.Samples.QuickStart;

/// <summary>What happens, told line by line with the time since the start; as readable in a file as in a terminal.</summary>
internal sealed class Story
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();

    public TimeSpan Now => _clock.Elapsed;

    /// <summary>Tells a line; text may be marked up.</summary>
    public void Tell(string markup) => AnsiConsole.MarkupLine($"[grey]{Now.TotalSeconds,5:0.0} s[/]  {markup}");

    public void TellProgress(Tally tally) =>
        Tell($"[grey]sent[/] {tally.Sent,7:N0}   [grey]confirmed[/] {tally.Confirmed,7:N0}   [grey]received[/] {tally.Received,7:N0}");

    public static void Show(IEnumerable<ReplicaStatus> replicas)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("node", "role", "term", "applied index", "state digest");
        foreach (var replica in replicas)
            table.AddRow(replica.Node.Value, replica.Role, $"{replica.Term}", $"{replica.AppliedIndex}", replica.Digest[..Math.Min(16, replica.Digest.Length)]);
        AnsiConsole.Write(table);
    }

    public static void Conclude(Tally tally, long lost, long storedTwice)
    {
        var colour = lost + storedTwice == 0 ? "green" : "red";
        AnsiConsole.MarkupLine(
            $"[{colour}]sent {tally.Sent}, confirmed {tally.Confirmed}, received {tally.Received}, lost {lost}, stored twice {storedTwice}[/]");
    }
}
