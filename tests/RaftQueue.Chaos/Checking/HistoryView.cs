using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Checking;

/// <summary>An operation: its invocation, and its completion where there was one.</summary>
public sealed record Operation(Invoked Call, Completed? End)
{
    /// <summary>What is known of it; an operation that never ended may have happened.</summary>
    public Outcome Outcome => End?.Outcome ?? Outcome.Unknown;
}

/// <summary>A stretch of time in which the cluster was not left alone.</summary>
public sealed record Disturbance(string What, double From, double Until);

/// <summary>A history, arranged for the rules. It knows nothing of how the product works.</summary>
public sealed class HistoryView
{
    /// <summary>What is quiet needs to have been quiet for as long as leases and the broker's patience with silent consumers last.</summary>
    private const double AftermathMs = 15_000;

    public HistoryView(IReadOnlyList<HistoryEvent> history)
    {
        // What processes of their own report comes a little later than it happened.
        List<HistoryEvent> events = [.. history.OrderBy(happened => happened.At)];
        var ends = events.OfType<Completed>().ToDictionary(end => end.Op);
        var operations = events.OfType<Invoked>().Select(call => new Operation(call, ends.GetValueOrDefault(call.Op))).ToList();
        Sends = [.. operations.Where(operation => operation.Call.Kind is OperationKind.Send or OperationKind.Batch)];
        Settlements = [.. operations.Where(operation => operation.Call.Kind is OperationKind.Ack or OperationKind.Release)];
        Deliveries = [.. events.OfType<Delivered>()];
        Faults = [.. events.OfType<FaultStage>()];
        Stuck = [.. events.OfType<Stuck>()];
        Left = [.. events.OfType<QueueAtEnd>()];
        DeadLetters = [.. events.OfType<DeadLettersAtEnd>()];
        Replicas = [.. events.OfType<ReplicaAtEnd>()];
        Disturbances = [.. FindDisturbances(events)];
        Nodes = events.OfType<RunStarted>().FirstOrDefault()?.Nodes ?? 0;
    }

    public int Nodes { get; }

    public IReadOnlyList<Operation> Sends { get; }

    public IReadOnlyList<Operation> Settlements { get; }

    public IReadOnlyList<Delivered> Deliveries { get; }

    public IReadOnlyList<FaultStage> Faults { get; }

    public IReadOnlyList<Stuck> Stuck { get; }

    public IReadOnlyList<QueueAtEnd> Left { get; }

    public IReadOnlyList<DeadLettersAtEnd> DeadLetters { get; }

    public IReadOnlyList<ReplicaAtEnd> Replicas { get; }

    public IReadOnlyList<Disturbance> Disturbances { get; }

    /// <summary>Whether anything disturbed the cluster between these times, the aftermath of earlier disturbances included.</summary>
    /// <param name="from">The first time.</param>
    /// <param name="until">The second time.</param>
    /// <param name="besides">A kind of fault that does not count.</param>
    public bool WasDisturbed(double from, double until, string? besides = null) => Disturbances.Any(disturbance =>
        disturbance.What != besides && disturbance.From <= until && disturbance.Until + AftermathMs >= from);

    private static IEnumerable<Disturbance> FindDisturbances(IReadOnlyList<HistoryEvent> events)
    {
        foreach (var fault in events.OfType<FaultStage>().GroupBy(stage => stage.Number))
        {
            var over = fault.FirstOrDefault(stage => stage.Stage == Stage.Over);
            yield return new Disturbance(fault.First().Kind, fault.First().At, over?.At ?? double.MaxValue);
        }

        // A change of leader that nobody asked for is rare and allowed: a busy machine can be slower than an election timeout.
        foreach (var seen in events.OfType<LeaderSeen>().Skip(1))
            yield return new Disturbance($"{seen.Node} leads", seen.At - AftermathMs, seen.At);
    }
}
