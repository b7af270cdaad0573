using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>The answers to a queue's latest redrives, so that repeating one moves nothing more.</summary>
internal sealed class RedriveMemory
{
    private readonly Dictionary<Guid, Redriven> _answers = [];
    private readonly Queue<Guid> _order = new();

    /// <summary>Oldest first.</summary>
    public IEnumerable<(Guid Request, Redriven Answer)> InOrder => _order.Select(request => (request, _answers[request]));

    public int Count => _order.Count;

    public Redriven? Recall(Guid request) => _answers.GetValueOrDefault(request);

    public void Remember(Guid request, Redriven answer)
    {
        if (_order.Count == Bounds.MaxRememberedRedrives)
            _answers.Remove(_order.Dequeue());
        _answers.Add(request, answer);
        _order.Enqueue(request);
    }

    public void Encode(StateWriter writer)
    {
        writer.Number(Count);
        foreach (var (request, answer) in InOrder)
        {
            writer.Id(request);
            writer.Number(answer.Moved);
            writer.Number(answer.NextSequence);
            writer.Number(answer.Skipped.Length);
            foreach (var skipped in answer.Skipped)
            {
                writer.Number((long)skipped.Obstacle);
                writer.Text(skipped.Queue?.Value ?? "");
                writer.Number(skipped.Messages);
                writer.Number(skipped.FirstSequence);
            }
        }
    }

    public void Decode(StateReader reader, QueueName queue)
    {
        for (var left = reader.Count(); left > 0; left--)
        {
            var request = reader.Id();
            var answer = new Redriven(queue, reader.Count()) { NextSequence = reader.Number() };
            var skipped = new RedriveSkipped[reader.Count()];
            for (var i = 0; i < skipped.Length; i++)
                skipped[i] = DecodeSkipped(reader);
            Remember(request, answer with { Skipped = [.. skipped] });
        }
    }

    private static RedriveSkipped DecodeSkipped(StateReader reader) => new(
        (RedriveObstacle)reader.Number(),
        reader.Text() is { Length: > 0 } name ? new QueueName(name) : null,
        reader.Count(),
        reader.Number());
}
