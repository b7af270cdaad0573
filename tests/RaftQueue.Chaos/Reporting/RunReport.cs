using RaftQueue.Chaos.Checking;
using RaftQueue.Chaos.History;
using Spectre.Console;

namespace RaftQueue.Chaos.Reporting;

/// <summary>Prints what a run did and what came of it.</summary>
public static class RunReport
{
    private const int MaxShown = 10;

    /// <summary>Faults, operations, windows and the verdict.</summary>
    public static void Print(IReadOnlyList<HistoryEvent> events, IReadOnlyList<Violation> violations)
    {
        PrintFaults(events);
        PrintOperations(events);
        PrintVerdict(events, violations);
    }

    private static void PrintFaults(IReadOnlyList<HistoryEvent> events)
    {
        var availability = new Availability(events);
        var table = new Table().AddColumns("fault", "times", "targets", "longest gap between confirms", "longest until whole again");
        foreach (var kind in events.OfType<FaultStage>().GroupBy(stage => stage.Kind).OrderBy(group => group.Key))
        {
            var lives = kind.GroupBy(stage => stage.Number).Select(life => life.ToDictionary(stage => stage.Stage, stage => stage)).ToList();
            var gap = lives.Max(life => availability.LongestWithin(life[Stage.Begins].At, life.GetValueOrDefault(Stage.Over)?.At ?? double.MaxValue).Length);
            var recovery = lives.Where(life => life.ContainsKey(Stage.Over)).Select(life => life[Stage.Over].At - life[Stage.Heals].At).DefaultIfEmpty(0).Max();
            table.AddRow(kind.Key, $"{lives.Count}", $"{lives.Sum(life => life[Stage.Begins].Targets.Length)}", $"{gap.TotalMilliseconds:0} ms", $"{recovery:0} ms");
        }

        if (table.Rows.Count > 0)
            AnsiConsole.Write(table);
        foreach (var remark in events.OfType<Remarked>())
            Console.WriteLine($"at {remark.At / 1000:0.0} s: {remark.What}");
        foreach (var window in availability.LongerThan(TimeSpan.FromSeconds(1)).Take(5))
            Console.WriteLine($"no confirm from {window.From / 1000:0.0} s to {window.Until / 1000:0.0} s: {window.Length.TotalMilliseconds:0} ms");
    }

    private static void PrintOperations(IReadOnlyList<HistoryEvent> events)
    {
        var ends = events.OfType<Completed>().ToDictionary(end => end.Op);
        var table = new Table().AddColumns("operation", "confirmed", "refused", "unknown");
        foreach (var kind in events.OfType<Invoked>().GroupBy(call => call.Kind).OrderBy(group => group.Key))
        {
            int Count(Outcome outcome) => kind.Count(call => (ends.GetValueOrDefault(call.Op)?.Outcome ?? Outcome.Unknown) == outcome);
            table.AddRow($"{kind.Key}".ToLowerInvariant(), $"{Count(Outcome.Ok)}", $"{Count(Outcome.Refused)}", $"{Count(Outcome.Unknown)}");
        }

        AnsiConsole.Write(table);
        var deliveries = events.OfType<Delivered>().ToList();
        Console.WriteLine($"deliveries {deliveries.Count}, of them again {deliveries.Count - deliveries.Select(delivery => (delivery.Queue, delivery.Sequence)).Distinct().Count()}; leaders seen {events.OfType<LeaderSeen>().Count()}");
    }

    private static void PrintVerdict(IReadOnlyList<HistoryEvent> events, IReadOnlyList<Violation> violations)
    {
        var run = events.OfType<RunStarted>().FirstOrDefault();
        foreach (var replica in events.OfType<ReplicaAtEnd>())
            Console.WriteLine($"{replica.Node}: applied {replica.AppliedIndex}, digest {replica.Digest}");
        foreach (var rule in violations.GroupBy(violation => violation.Rule))
        {
            Console.WriteLine($"BROKEN: {rule.Key} ({rule.Count()})");
            foreach (var violation in rule.Take(MaxShown))
                Console.WriteLine($"  {violation.What}");
        }

        Console.WriteLine(violations.Count == 0
            ? $"valid: {HistoryChecker.Rules.Count} rules hold over {events.Count} events (seed {run?.Seed})"
            : $"INVALID: {violations.Count} violations (seed {run?.Seed})");
    }
}
