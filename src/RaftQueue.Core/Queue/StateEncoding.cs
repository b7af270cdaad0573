using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>A lease as it is read, before the pages that hold its message are there.</summary>
internal readonly record struct StoredLease(QueueState Queue, Consumer Consumer, long Sequence, long Token, long Until);

/// <summary>
/// Everything but bodies, pages and producers, in bytes: queues with options and counters, consumers in order, their leases and their turns. Its size follows
/// the number of queues and what is in flight. What can be rebuilt from the pages is not in it.
/// </summary>
internal static class StateEncoding
{
    public static ReadOnlyMemory<byte> Encode(MachineState machine)
    {
        var writer = new StateWriter();
        writer.Number(machine.AppliedIndex.Value);
        writer.Number(machine.Now);
        writer.Number(machine.Tokens.Last);
        writer.Number(machine.Segments.NextNumber);
        writer.Number(machine.QueueCount);
        foreach (var queue in machine.QueuesInOrder)
            Encode(writer, queue);
        Encode(writer, machine.Outboxes);
        machine.RefusedProducers.Encode(writer);
        return writer.Written;
    }

    /// <summary>Reads the state; the leases are left to be put in place when the pages are there.</summary>
    public static void Decode(StateReader reader, MachineState machine, List<StoredLease> leases)
    {
        machine.AppliedIndex = new LogIndex(reader.Number());
        machine.Now = reader.Number();
        machine.Tokens.Last = reader.Number();
        machine.Segments.ContinueAt(reader.Number());
        for (var left = reader.Count(); left > 0; left--)
            DecodeQueue(reader, machine, leases);
        DecodeOutboxes(reader, machine.Outboxes);
        machine.RefusedProducers.Decode(reader);
    }

    private static void Encode(StateWriter writer, QueueState queue)
    {
        writer.Text(queue.Name.Value);
        Encode(writer, queue.Options);
        writer.OptionalGroup(queue.DeadLetterGroup);
        writer.Number(queue.Counters.Enqueued);
        writer.Number(queue.Counters.Acknowledged);
        writer.Number(queue.Counters.DeadLettered);
        writer.Number(queue.Counters.Redelivered);
        writer.Number(queue.Backlog.NextSequence);
        writer.Number(queue.Backlog.LastTurn);
        queue.Redrives.Encode(writer);
        writer.Number(queue.Inbox.Count);
        foreach (var (group, mark) in queue.Inbox.InOrder)
        {
            writer.Number(group.Value);
            writer.Number(mark.Outbox);
            writer.Number(mark.Sequence);
        }

        writer.Number(queue.Consumers.LastOrder);
        writer.Number(queue.Consumers.Count);
        foreach (var consumer in queue.Consumers.InOrder)
            Encode(writer, consumer);
        var turns = queue.Consumers.Turns.ToList();
        writer.Number(turns.Count);
        foreach (var consumer in turns)
            writer.Id(consumer.Id.Value);
    }

    private static void DecodeQueue(StateReader reader, MachineState machine, List<StoredLease> leases)
    {
        var name = new QueueName(reader.Text());
        var queue = machine.Add(name, DecodeOptions(reader), reader.OptionalGroup());
        queue.Counters = new QueueCounters(reader.Number(), reader.Number(), reader.Number(), reader.Number());
        queue.Backlog.ContinueAt(reader.Number(), reader.Number());
        queue.Redrives.Decode(reader, name);
        for (var left = reader.Count(); left > 0; left--)
            queue.Inbox[new GroupId(reader.Count())] = new Watermark(reader.Number(), reader.Number());

        queue.Consumers.LastOrder = reader.Number();
        for (var left = reader.Count(); left > 0; left--)
            queue.Consumers.Add(DecodeConsumer(reader, queue, leases));
        for (var left = reader.Count(); left > 0; left--)
        {
            if (queue.Consumers.TryFind(new ConsumerId(reader.Id()), out var consumer))
                queue.Consumers.Refresh(consumer);
        }
    }

    private static void Encode(StateWriter writer, Outboxes outboxes)
    {
        writer.Number(outboxes.LastNumber);
        writer.Number(outboxes.Count);
        foreach (var outbox in outboxes.InOrder)
        {
            writer.Text(outbox.Target.Value);
            writer.Number(outbox.Group.Value);
            writer.Number(outbox.Number);
            writer.Number(outbox.Messages.NextSequence);
        }
    }

    private static void DecodeOutboxes(StateReader reader, Outboxes outboxes)
    {
        outboxes.LastNumber = reader.Number();
        for (var left = reader.Count(); left > 0; left--)
        {
            var outbox = outboxes.Add(new QueueName(reader.Text()), new GroupId(reader.Count()), reader.Number());
            outbox.Messages.ContinueAt(reader.Number(), lastTurn: 0);
        }
    }

    private static void Encode(StateWriter writer, QueueOptions options)
    {
        writer.Number(options.MaxMessages);
        writer.Number(options.MaxBytes);
        writer.Number((long)options.Overflow);
        writer.Number(options.DeliveryLimit);
        writer.Text(options.DeadLetterQueue?.Value ?? "");
        writer.Time(options.TimeToLive ?? TimeSpan.Zero); // zero is no time to live that a queue may have
        writer.Time(options.Delay);
        writer.Time(options.Lease);
        writer.Flag(options.SingleActiveConsumer);
    }

    private static QueueOptions DecodeOptions(StateReader reader) => new()
    {
        MaxMessages = reader.Number(),
        MaxBytes = reader.Number(),
        Overflow = (OverflowPolicy)reader.Number(),
        DeliveryLimit = reader.Count(),
        DeadLetterQueue = reader.Text() is { Length: > 0 } name ? new QueueName(name) : null,
        TimeToLive = reader.Time() is { Ticks: > 0 } kept ? kept : null,
        Delay = reader.Time(),
        Lease = reader.Time(),
        SingleActiveConsumer = reader.Flag(),
    };

    private static void Encode(StateWriter writer, Consumer consumer)
    {
        writer.Id(consumer.Id.Value);
        writer.Number(consumer.Order);
        writer.Flag(consumer.IsPull);
        writer.Flag(consumer.IsOpen);
        writer.Number(consumer.Prefetch);
        writer.Number(consumer.LeaseTime);
        writer.Number(consumer.WaitUntil);
        writer.Number(consumer.StartedThrough);
        writer.Number(consumer.Held);
        for (var lease = consumer.FirstHeld; lease is not null; lease = lease.Next)
        {
            writer.Number(lease.Message.Sequence);
            writer.Number(lease.Token);
            writer.Number(lease.Until);
        }
    }

    private static Consumer DecodeConsumer(StateReader reader, QueueState queue, List<StoredLease> leases)
    {
        var consumer = new Consumer(new ConsumerId(reader.Id()), reader.Number(), reader.Flag())
        {
            IsOpen = reader.Flag(),
            Prefetch = reader.Count(),
            LeaseTime = reader.Number(),
            WaitUntil = reader.Number(),
            StartedThrough = reader.Number(),
        };
        for (var left = reader.Count(); left > 0; left--)
            leases.Add(new StoredLease(queue, consumer, reader.Number(), reader.Number(), reader.Number()));
        return consumer;
    }
}
