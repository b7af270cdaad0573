using RaftQueue.Chaos.Faults;
using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Checking;

/// <summary>
/// What has left its queue was acknowledged by somebody, for all that clients know. Where every acknowledgement of a message was certainly
/// refused,
/// or there was none, and the message is gone, a claim of certainty was wrong, or the message is lost.
/// </summary>
public sealed class GoneWasAcknowledged : IRule
{
    public string Name => "what is gone was acknowledged";

    public IEnumerable<string> Check(HistoryView history)
    {
        var drained = history.Left.Where(left => left.Left == 0).Select(left => left.Queue).ToHashSet();
        var deadLetters = history.DeadLetters.SelectMany(letters => letters.Ids).ToHashSet();
        var acknowledged = history.Settlements
            .Where(settlement => settlement.Call.Kind == OperationKind.Ack && settlement.Outcome != Outcome.Refused)
            .Select(settlement => (settlement.Call.Queue, settlement.Call.Sequence))
            .ToHashSet();
        foreach (var message in history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Sequence)))
        {
            var last = message.MaxBy(delivery => delivery.Token)!;
            if (drained.Contains(last.Queue) && !deadLetters.Contains(last.Id) && !acknowledged.Contains(message.Key))
                yield return $"{last.Queue}/{last.Sequence} was delivered last to {last.Client} by token {last.Token} at {last.At:0} ms, and is gone; {Claims(history, last)}";
        }
    }

    private static string Claims(HistoryView history, Delivered last)
    {
        var claims = history.Settlements.Where(settlement => settlement.Call.Queue == last.Queue && settlement.Call.Sequence == last.Sequence).Select(settlement => settlement.End?.Detail);
        return string.Join("; ", claims.DefaultIfEmpty("nobody acknowledged it"));
    }
}

/// <summary>
/// Where the delivery limit is 1, what was dead-lettered had been handed to an application: a pull that was cancelled, or whose client
/// stood still,
/// counts for nothing.
/// </summary>
/// <remarks>
/// Strict while only clients were disturbed: of what a leader sent over a connection that broke nobody can tell whether it was handed over.
/// </remarks>
public sealed class NothingIsDeadLetteredUnseen : IRule
{
    private const double SettledAfterMs = 20_000;

    public string Name => "what was dead-lettered had been handed over";

    public IEnumerable<string> Check(HistoryView history)
    {
        var seen = history.Deliveries.Select(delivery => delivery.Id).ToHashSet();
        var sent = history.Sends.SelectMany(send => send.Call.Ids!.Select(id => (id, send.Call.At))).ToDictionary();
        foreach (var letters in history.DeadLetters)
        {
            foreach (var id in letters.Ids.Where(id => !seen.Contains(id)))
            {
                var at = sent.GetValueOrDefault(id);
                if (!history.WasDisturbed(at, at + SettledAfterMs, besides: ClientPauseFault.Name))
                    yield return $"{id} to {letters.Queue}, sent at {at:0} ms, was dead-lettered and nobody ever saw it";
            }
        }
    }
}
