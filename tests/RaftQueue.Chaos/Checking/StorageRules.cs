using RaftQueue.Chaos.History;

namespace RaftQueue.Chaos.Checking;

/// <summary>Every confirmed message was delivered, under the sequence of its receipt, or is still in its queue.</summary>
public sealed class ConfirmedIsNotLost : IRule
{
    public string Name => "nothing confirmed is lost";

    public IEnumerable<string> Check(HistoryView history)
    {
        var seen = history.Deliveries.Select(delivery => delivery.Id).Concat(history.Left.SelectMany(left => left.Ids)).ToHashSet();
        foreach (var send in history.Sends.Where(send => send.Outcome == Outcome.Ok))
        {
            var ids = send.Call.Ids ?? [];
            for (var i = 0; i < ids.Length; i++)
            {
                if (!seen.Contains(ids[i]))
                    yield return $"{ids[i]} to {send.Call.Queue} was confirmed as {send.End!.Sequences![i]} at {send.End.At:0} ms and never came out";
            }
        }
    }
}

/// <summary>A payload has one sequence, and a sequence one payload, however often its send was retried.</summary>
public sealed class StoredOnce : IRule
{
    public string Name => "nothing is stored twice";

    public IEnumerable<string> Check(HistoryView history)
    {
        var places = history.Deliveries.Select(delivery => (delivery.Queue, delivery.Sequence, delivery.Id)).Concat(history.Sends.SelectMany(Receipts)).Distinct().ToList();
        foreach (var stored in places.GroupBy(place => place.Id).Where(group => group.Count() > 1))
            yield return $"{stored.Key} is stored as {string.Join(" and ", stored.Select(place => $"{place.Queue}/{place.Sequence}"))}";
        foreach (var place in places.GroupBy(place => (place.Queue, place.Sequence)).Where(group => group.Count() > 1))
            yield return $"{place.Key.Queue}/{place.Key.Sequence} is {string.Join(" and ", place.Select(stored => stored.Id))}";
    }

    private static IEnumerable<(string Queue, long Sequence, string Id)> Receipts(Operation send) => send.Outcome != Outcome.Ok
        ? []
        : send.Call.Ids!.Select((id, i) => (send.Call.Queue, send.End!.Sequences![i], id));
}

/// <summary>A send that was refused, or never left the client, is not stored.</summary>
public sealed class RefusedIsNotStored : IRule
{
    public string Name => "what was refused is not stored";

    public IEnumerable<string> Check(HistoryView history)
    {
        var seen = history.Deliveries.Select(delivery => delivery.Id).ToHashSet();
        return history.Sends
            .Where(send => send.Outcome == Outcome.Refused)
            .SelectMany(send => send.Call.Ids!.Where(seen.Contains).Select(id => $"{id} was refused at {send.End!.At:0} ms ({send.End.Detail}) and yet delivered"));
    }
}

/// <summary>Of a batch all messages are stored, one behind the other, or none.</summary>
public sealed class BatchesAreWhole : IRule
{
    public string Name => "batches are atomic";

    public IEnumerable<string> Check(HistoryView history)
    {
        var sequences = history.Deliveries.GroupBy(delivery => delivery.Id).ToDictionary(group => group.Key, group => group.First().Sequence);
        if (history.Left.Any(left => left.Left > 0))
            yield break; // what is not drained cannot be counted
        foreach (var batch in history.Sends.Where(send => send.Call.Kind == OperationKind.Batch))
        {
            var stored = batch.Call.Ids!.Where(sequences.ContainsKey).Select(id => sequences[id]).ToList();
            if (stored.Count > 0 && stored.Count < batch.Call.Ids!.Length)
                yield return $"of the batch of {batch.Call.Ids.Length} from {batch.Call.Ids[0]} on only {stored.Count} are stored";
            if (stored.Zip(stored.Skip(1), (one, next) => next - one).Any(step => step != 1))
                yield return $"the batch from {batch.Call.Ids![0]} on is stored as {string.Join(", ", stored)}, not in one piece";
        }
    }
}

/// <summary>What one producer sent, one call after the other, is stored in that order.</summary>
public sealed class ProducersKeepTheirOrder : IRule
{
    public string Name => "a producer's messages keep their order";

    public IEnumerable<string> Check(HistoryView history)
    {
        var sequences = history.Deliveries.GroupBy(delivery => delivery.Id).ToDictionary(group => group.Key, group => group.First().Sequence);
        foreach (var producer in history.Sends.GroupBy(send => (send.Call.Client, send.Call.Queue)))
        {
            (string Id, long Sequence)? last = null;
            foreach (var id in producer.OrderBy(send => send.Call.Op).SelectMany(send => send.Call.Ids!).Where(sequences.ContainsKey))
            {
                if (last is { } before && before.Sequence > sequences[id])
                    yield return $"{producer.Key.Client} sent {before.Id} before {id}, but they are stored as {before.Sequence} and {sequences[id]}";
                last = (id, sequences[id]);
            }
        }
    }
}
