using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>A bucket of producers in bytes.</summary>
internal static class ProducerEncoding
{
    public static ReadOnlyMemory<byte> Encode(ProducerBucket bucket)
    {
        var writer = new StateWriter();
        var producers = bucket.InOrder.ToList();
        writer.Number(producers.Count);
        foreach (var producer in producers)
        {
            writer.Text(producer.Queue.Name.Value);
            writer.Id(producer.Id.Value);
            writer.Number(producer.LastHeardIndex);
            writer.Number(producer.LastHeardTime);
            writer.Number(producer.Commands.Count);
            foreach (var command in producer.Commands)
            {
                writer.Number(command.FirstSequence);
                writer.Number(command.Count);
                writer.Number(command.FirstMessage);
                writer.Number(command.Stored);
            }
        }

        return writer.Written;
    }

    public static IEnumerable<Producer> Decode(StateReader reader, Func<QueueName, QueueState> queueOf)
    {
        for (var left = reader.Count(); left > 0; left--)
        {
            var producer = new Producer(queueOf(new QueueName(reader.Text())), new ProducerId(reader.Id()))
            {
                LastHeardIndex = reader.Number(),
                LastHeardTime = reader.Number(),
            };
            for (var commands = reader.Count(); commands > 0; commands--)
                producer.Remember(new RememberedCommand(reader.Number(), reader.Count(), reader.Number(), reader.Count()));
            yield return producer;
        }
    }
}
