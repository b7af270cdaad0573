using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Producers that sent to a queue that did not exist, and were refused. An attempt of the same command that comes late, when the queue has
/// been declared, is refused as well: its sender was told that nothing was stored. Such a producer starts anew under a new id. Only the
/// latest <see cref="Bounds.MaxRefusedProducers"/> are known.
/// </summary>
internal sealed class RefusedProducers
{
    private readonly HashSet<(QueueName Queue, ProducerId Producer)> _known = [];
    private readonly Queue<(QueueName Queue, ProducerId Producer)> _order = new();

    public int Count => _order.Count;

    public bool Contains(QueueName queue, ProducerId producer) => _known.Contains((queue, producer));

    public void Add(QueueName queue, ProducerId producer)
    {
        if (!_known.Add((queue, producer)))
            return;
        if (_order.Count == Bounds.MaxRefusedProducers)
            _known.Remove(_order.Dequeue());
        _order.Enqueue((queue, producer));
    }

    public void Encode(StateWriter writer)
    {
        writer.Number(Count);
        foreach (var (queue, producer) in _order)
        {
            writer.Text(queue.Value);
            writer.Id(producer.Value);
        }
    }

    public void Decode(StateReader reader)
    {
        for (var left = reader.Count(); left > 0; left--)
            Add(new QueueName(reader.Text()), new ProducerId(reader.Id()));
    }
}
