using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>Queues come, are emptied, and go.</summary>
internal static class Declaring
{
    public static IReply Declare(MachineState machine, DeclareQueue command)
    {
        var (name, options) = (command.Queue, command.Options);
        if (!QueueName.IsValid(name.Value))
            return Refusals.InvalidName(nameof(command.Queue), name);
        if (machine.TryFind(name, out var existing))
            return existing.Options == options ? new Declared(name, IsNew: false) : Refusals.OtherOptions(name, existing.Options, options);
        if ((OptionRules.Check(name, options) ?? CheckCycle(machine, name, options)) is { } refusal)
            return refusal;
        if (machine.QueueCount >= Bounds.MaxQueues)
            return Refusals.TooManyQueues();
        machine.Add(name, options, command.DeadLetterGroup);
        return new Declared(name, IsNew: true);
    }

    public static IReply Delete(MachineState machine, DeleteQueue command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        foreach (var consumer in queue.Consumers.InOrder.Where(consumer => consumer.IsOpen))
            machine.Effects.Add(new QueueEffect.EndSubscription(queue.Name, consumer.Id, Refusals.QueueDeleted(queue.Name)));
        foreach (var producer in queue.Producers.Values.ToList())
            machine.Producers.Forget(producer);

        var messages = queue.Backlog.Count;
        for (var next = 1L; queue.Backlog.TryFindFrom(next, out var message); next = message.Sequence + 1)
        {
            machine.Effects.Watch?.Say(queue.Name, message.Sequence, MessageEventKind.QueueDeleted);
            machine.Segments.Release(message.Ref.Body);
        }

        machine.Remove(queue);
        return new Deleted(queue.Name, messages);
    }

    public static IReply Purge(MachineState machine, PurgeQueue command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        var before = queue.Backlog.Count;
        for (var next = 1L; queue.Backlog.TryFindFrom(next, out var message);)
        {
            next = message.Sequence + 1;
            if (message.Ref.State == MessageState.Leased)
                continue;
            machine.Effects.Watch?.Say(queue.Name, message.Sequence, MessageEventKind.Purged);
            machine.Segments.Release(message.Ref.Body);
            queue.Backlog.Remove(message);
        }

        return new Purged(queue.Name, before - queue.Backlog.Count);
    }

    private static Refused? CheckCycle(MachineState machine, QueueName name, QueueOptions options)
    {
        var path = new List<QueueName> { name };
        for (var next = options.DeadLetterQueue; next is { } target; next = machine.TryFind(target, out var queue) ? queue.Options.DeadLetterQueue : null)
        {
            path.Add(target);
            if (target == name)
                return Refusals.DeadLetterCycle(name, path);
        }

        return null;
    }
}
