using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>
/// Hands ready messages to consumers with credit (P6): in order, one message to each in turn, so that a slow consumer never holds up a fast one. It
/// follows from the state alone, and so costs no log entry. Where the entry has no work left (<see cref="Layout.MaxWork"/>), the next ones
/// continue: so nothing is handed
/// out while the step of time is not finished, and a message that has expired never is.
/// </summary>
internal static class Assignment
{
    public static void Run(MachineState machine, QueueState queue)
    {
        var effects = machine.Effects;
        while (queue.Consumers.Next() is { } consumer && queue.Backlog.TryTake(ref machine.WorkLeft, out var message))
        {
            if (message.Ref.WasLeased)
                queue.Counters.Redelivered++;
            var lease = queue.Leases.Add(message, consumer, machine.Tokens.Next(machine.Now), machine.Now + consumer.LeaseTime);
            effects.Watch?.Say(queue.Name, lease, MessageEventKind.Delivered);
            if (consumer.Served is null)
            {
                consumer.Served = [];
                effects.Served.Add(consumer);
            }

            consumer.Served.Add(lease.ToLease());
            queue.Consumers.WasServed(consumer);
        }

        foreach (var consumer in effects.Served)
            Report(queue, consumer, effects);
        effects.Served.Clear();
    }

    // A pull is over with its first message; more than it could get at once it does not wait for.
    private static void Report(QueueState queue, Consumer consumer, EffectLog effects)
    {
        var leases = consumer.Served!;
        consumer.Served = null;
        if (consumer.IsPull)
        {
            queue.Consumers.Close(consumer);
            effects.Add(new QueueEffect.Answer(queue.Name, consumer.Id, leases));
        }
        else
        {
            effects.Add(new QueueEffect.Push(queue.Name, consumer.Id, leases));
        }
    }
}
