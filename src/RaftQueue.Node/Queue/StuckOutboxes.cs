using System.Globalization;
using RaftQueue.Contracts;
using RaftQueue.Core.Queue;

namespace RaftQueue.Node.Queue;

/// <summary>Outboxes of which nothing arrives, and what they wait for. Only the leader's host has any: it is the one that sends.</summary>
internal sealed class StuckOutboxes
{
    // A health text is for people: the first few say what is wrong.
    private const int MaxNamed = 3;

    private readonly SortedDictionary<QueueName, Watched> _watched = [];

    /// <summary>Says what waits now.</summary>
    public void Observe(IEnumerable<OutboxStatus> outboxes, TimeSpan now)
    {
        var waiting = outboxes.ToDictionary(outbox => outbox.Target);
        foreach (var gone in _watched.Keys.Where(target => !waiting.ContainsKey(target)).ToList())
            _watched.Remove(gone);
        foreach (var outbox in waiting.Values)
        {
            if (!_watched.TryGetValue(outbox.Target, out var watched) || watched.Status.Number != outbox.Number)
                _watched[outbox.Target] = watched = new Watched();
            watched.Status = outbox;
            watched.Clock.Observe(isPending: true, outbox.FirstSequence, now);
        }
    }

    /// <summary>An attempt to send what waits for a queue has failed.</summary>
    public void Note(QueueName target, string why)
    {
        if (_watched.TryGetValue(target, out var watched))
            watched.Why = why;
    }

    public void Clear() => _watched.Clear();

    /// <summary>The outboxes of which nothing has arrived for longer than a limit, in words.</summary>
    public IEnumerable<string> Problems(TimeSpan now, TimeSpan limit)
    {
        var stuck = _watched.Values.Where(watched => watched.Clock.IsStalled(now, limit, out _)).ToList();
        foreach (var watched in stuck.Take(MaxNamed))
        {
            watched.Clock.IsStalled(now, limit, out var waited);
            var outbox = watched.Status;
            var what = Text($"{outbox.Messages} messages for queue '{outbox.Target}' of group {outbox.Group}");
            yield return Text($"{what} have waited in the outbox for {waited.TotalSeconds:0} s: {watched.Why}");
        }

        if (stuck.Count > MaxNamed)
            yield return Text($"Messages for {stuck.Count - MaxNamed} more queues of other groups wait as well.");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Watched
    {
        public StallClock Clock;

        public OutboxStatus Status { get; set; }

        public string Why { get; set; } = "no attempt to send them has ended yet.";
    }
}
