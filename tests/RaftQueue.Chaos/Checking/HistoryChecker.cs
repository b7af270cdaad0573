using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Checking;

/// <summary>Judges a history by all rules. It shares no code with the product: what it believes, it read in the history.</summary>
public static class HistoryChecker
{
    /// <summary>Every rule.</summary>
    public static IReadOnlyList<IRule> Rules { get; } =
    [
        new ConfirmedIsNotLost(),
        new StoredOnce(),
        new RefusedIsNotStored(),
        new BatchesAreWhole(),
        new ProducersKeepTheirOrder(),
        new FirstDeliveriesInOrder(),
        new AcknowledgedNeverReturns(),
        new LeasesDoNotOverlap(),
        new LeasesAreHandedOverOnce(),
        new HandOversCount(),
        new GoneWasAcknowledged(),
        new NothingIsDeadLetteredUnseen(),
        new NothingConfirmedWithoutMajority(),
        new ReplicasAgree(),
        new ProgressAfterFaults(),
    ];

    /// <summary>What is wrong with a history; empty when it is valid.</summary>
    public static IReadOnlyList<Violation> Check(IReadOnlyList<HistoryEvent> events)
    {
        var view = new HistoryView(events);
        return [.. Rules.SelectMany(rule => rule.Check(view).Select(what => new Violation(rule.Name, what)))];
    }
}
