using RaftQueue.Chaos.History;
using RaftQueue.Chaos.Load;

namespace RaftQueue.Chaos.Checking;

/// <summary>
/// Messages are leased for the first time in the order of their sequences. Tokens rise with every lease of a queue, so the order of leases is the order of tokens, whatever the order
/// of arrival.
/// </summary>
/// <remarks>
/// A lease whose delivery was lost on the way leaves no trace with clients, and the message's next lease then looks like its first. Only a disturbance loses deliveries; outside of
/// them and their aftermath the rule is strict. A pull that is cancelled when it was just answered leaves no trace either, and the next
/// pull may be answered before what it got is
/// back: the queue whose pulls are cancelled is left out.
/// </remarks>
public sealed class FirstDeliveriesInOrder : IRule
{
    public string Name => "first deliveries follow the order of the queue";

    public IEnumerable<string> Check(HistoryView history)
    {
        foreach (var queue in history.Deliveries.Where(delivery => delivery.Queue != Workload.Polled).GroupBy(delivery => delivery.Queue))
        {
            var firsts = queue.GroupBy(delivery => delivery.Sequence).Select(message => message.MinBy(delivery => delivery.Token)!).OrderBy(first => first.Sequence);
            Delivered? highest = null;
            foreach (var first in firsts)
            {
                if (highest is not null && first.Token < highest.Token && !history.WasDisturbed(Math.Min(highest.At, first.At), Math.Max(highest.At, first.At)))
                    yield return $"{queue.Key}/{first.Sequence} was leased first by token {first.Token}, before {highest.Sequence} by token {highest.Token} at {highest.At:0} ms";
                if (highest is null || first.Token > highest.Token)
                    highest = first;
            }
        }
    }
}

/// <summary>An acknowledged message is gone: no lease of it is younger than the one that acknowledged it.</summary>
/// <remarks>
/// Needs no clock. A younger lease that was granted after the acknowledgement brought the message back; one that was granted before it made the acknowledging one stale, and a stale
/// lease must not acknowledge.
/// </remarks>
public sealed class AcknowledgedNeverReturns : IRule
{
    public string Name => "an acknowledged message never returns";

    public IEnumerable<string> Check(HistoryView history)
    {
        var youngest = history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Sequence)).ToDictionary(group => group.Key, group => group.MaxBy(delivery => delivery.Token)!);
        foreach (var ack in history.Settlements.Where(settlement => settlement is { Call.Kind: OperationKind.Ack, Outcome: Outcome.Ok }))
        {
            if (youngest.TryGetValue((ack.Call.Queue, ack.Call.Sequence), out var delivery) && delivery.Token > ack.Call.Token)
                yield return $"{ack.Call.Queue}/{ack.Call.Sequence} was acknowledged by token {ack.Call.Token} at {ack.End!.At:0} ms, and delivered to {delivery.Client} by token {delivery.Token} at {delivery.At:0} ms";
        }
    }
}

/// <summary>A lease is handed to an application once, however often its delivery is sent.</summary>
public sealed class LeasesAreHandedOverOnce : IRule
{
    public string Name => "a lease is handed over once";

    public IEnumerable<string> Check(HistoryView history)
    {
        var leases = history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Sequence, delivery.Token, delivery.Client));
        foreach (var lease in leases.Where(lease => lease.Count() > 1))
        {
            var times = string.Join(" and ", lease.Select(delivery => $"{delivery.At:0} ms"));
            yield return $"{lease.Key.Queue}/{lease.Key.Sequence} was handed to {lease.Key.Client} by token {lease.Key.Token} at {times}";
        }
    }
}

/// <summary>Each time that a message is handed to an application it says a larger delivery count than the time before.</summary>
/// <remarks>The count may rise by more than one: what was leased and was never handed over counts too where nobody could tell.</remarks>
public sealed class HandOversCount : IRule
{
    public string Name => "every hand-over counts";

    public IEnumerable<string> Check(HistoryView history)
    {
        foreach (var message in history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Sequence)))
        {
            var times = message.DistinctBy(delivery => delivery.Token).OrderBy(delivery => delivery.Token).ToList();
            foreach (var (former, next) in times.Zip(times.Skip(1)))
            {
                if (next.Count <= former.Count)
                    yield return $"{message.Key.Queue}/{message.Key.Sequence} was handed {Show(former)}, and {Show(next)}";
            }
        }
    }

    private static string Show(Delivered delivery) =>
        $"to {delivery.Client} by token {delivery.Token} as delivery {delivery.Count} at {delivery.At:0} ms";
}

/// <summary>A message is leased to one consumer at a time.</summary>
public sealed class LeasesDoNotOverlap : IRule
{
    // The broker gives up a consumer whose connection was closed after three seconds, sooner than its leases end.
    private const double GraceMs = 2_500;

    public string Name => "leases do not overlap";

    public IEnumerable<string> Check(HistoryView history)
    {
        var released = history.Settlements
            .GroupBy(settlement => (settlement.Call.Queue, settlement.Call.Token))
            .ToDictionary(group => group.Key, group => group.Min(settlement => settlement.Call.At));
        foreach (var shared in history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Token)).Where(token => token.Select(delivery => (delivery.Sequence, delivery.Client)).Distinct().Count() > 1))
            yield return $"token {shared.Key.Token} of {shared.Key.Queue} was given to {string.Join(" and ", shared.Select(delivery => $"{delivery.Client} for {delivery.Sequence}").Distinct())}";
        foreach (var message in history.Deliveries.GroupBy(delivery => (delivery.Queue, delivery.Sequence)))
        {
            var leases = message.DistinctBy(delivery => delivery.Token).OrderBy(delivery => delivery.Token).ToList();
            foreach (var (former, next) in leases.Zip(leases.Skip(1)))
            {
                var ended = released.TryGetValue((former.Queue, former.Token), out var at) && at <= next.At;
                var isOverlapping = next.LeaseFrom < former.LeaseUntil && next.LeaseFrom - former.LeaseFrom < GraceMs;
                if (!ended && isOverlapping && !history.WasDisturbed(former.At, next.At))
                    yield return $"{message.Key.Queue}/{message.Key.Sequence} was leased to {former.Client} by token {former.Token} until {former.LeaseUntil:0}, and to {next.Client} by token {next.Token} from {next.LeaseFrom:0}";
            }
        }
    }
}
