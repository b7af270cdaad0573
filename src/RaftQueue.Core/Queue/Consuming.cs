using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>Consumers come and go: streaming subscriptions, and pulls, which are consumers for one answer.</summary>
internal static class Consuming
{
    public static IReply Subscribe(MachineState machine, Subscribe command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if ((OptionRules.Within(nameof(command.Prefetch), command.Prefetch, 1, Bounds.MaxPrefetch) ?? OptionRules.CheckLease(command.Lease)
            ?? OptionRules.Within(nameof(command.StartedThrough), command.StartedThrough, 0, long.MaxValue)) is { } refusal)
            return refusal;
        if (queue.Consumers.TryFind(command.Consumer, out var consumer))
        {
            if (consumer.IsPull)
                return Refusals.OtherKindOfConsumer(command.Consumer);
            Hear(machine, consumer, command.StartedThrough);
            if (consumer.Held > 0)
                machine.Effects.Add(new QueueEffect.Push(queue.Name, consumer.Id, consumer.Leases()));
        }
        else
        {
            if (queue.Consumers.Count >= Bounds.MaxConsumersPerQueue)
                return Refusals.TooManyConsumers(queue.Name);
            consumer = new Consumer(command.Consumer, ++queue.Consumers.LastOrder, isPull: false);
            queue.Consumers.Add(consumer);
        }

        consumer.Prefetch = command.Prefetch;
        consumer.LeaseTime = LeaseTime(queue, command.Lease);
        queue.Consumers.Refresh(consumer);
        machine.Touch(queue);
        return new Subscribed(queue.Name, consumer.Id);
    }

    /// <summary>
    /// Opens a pull. Its answer is always a <see cref="QueueEffect.Answer"/>, of this entry or of a later one; the reply is null unless it is refused.
    /// </summary>
    public static IReply? Receive(MachineState machine, Receive command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (CheckPull(command) is { } refusal)
            return refusal;
        if (queue.Consumers.TryFind(command.Consumer, out var known))
            return Repeat(machine, queue, known);
        if (queue.Consumers.Count >= Bounds.MaxConsumersPerQueue)
            return Refusals.TooManyConsumers(queue.Name);

        var pull = new Consumer(command.Consumer, ++queue.Consumers.LastOrder, isPull: true)
        {
            Prefetch = command.MaxMessages,
            LeaseTime = LeaseTime(queue, command.Lease),
            WaitUntil = machine.Now + LogTime.MillisecondsOf(command.Wait),
        };
        queue.Consumers.Add(pull);
        queue.Consumers.Refresh(pull);
        Assignment.Run(machine, queue);
        if (pull.IsOpen && pull.WaitUntil <= machine.Now && !queue.IsUnserved)
        {
            queue.Consumers.Remove(pull);
            machine.Effects.Add(new QueueEffect.Answer(queue.Name, pull.Id, []));
        }

        machine.Touch(queue);
        return null;
    }

    public static IReply Unsubscribe(MachineState machine, Unsubscribe command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (OptionRules.Within(nameof(command.StartedThrough), command.StartedThrough, 0, long.MaxValue) is { } refusal)
            return refusal;
        if (!queue.Consumers.TryFind(command.Consumer, out var consumer))
            return Refusals.UnknownConsumer(queue.Name, command.Consumer);

        Hear(machine, consumer, command.StartedThrough);
        if (consumer is { IsPull: true, IsOpen: true })
            machine.Effects.Add(new QueueEffect.Answer(queue.Name, consumer.Id, []));
        var returned = Returning.ReturnAll(machine, queue, consumer);
        if (queue.Consumers.TryFind(command.Consumer, out _))
            queue.Consumers.Remove(consumer);
        machine.Touch(queue);
        return new Unsubscribed(queue.Name, command.Consumer, returned);
    }

    /// <summary>The consumer has told how far it has started. A lease that is not given yet cannot have been started.</summary>
    public static void Hear(MachineState machine, Consumer consumer, long startedThrough) =>
        consumer.StartedThrough = Math.Max(consumer.StartedThrough, Math.Min(startedThrough, machine.Tokens.Last));

    private static Refused? CheckPull(Receive command) =>
        OptionRules.Within(nameof(command.MaxMessages), command.MaxMessages, 1, Bounds.MaxReceive)
        ?? OptionRules.ZeroOrWithin(nameof(command.Wait), command.Wait, Bounds.MaxReceiveWait)
        ?? OptionRules.CheckLease(command.Lease);

    // A pull that was answered is answered again with what it still holds; one that waits goes on waiting.
    private static Refused? Repeat(MachineState machine, QueueState queue, Consumer known)
    {
        if (!known.IsPull)
            return Refusals.OtherKindOfConsumer(known.Id);
        if (!known.IsOpen)
            machine.Effects.Add(new QueueEffect.Answer(queue.Name, known.Id, known.Leases()));
        return null;
    }

    private static long LeaseTime(QueueState queue, TimeSpan lease) =>
        LogTime.MillisecondsOf(lease == TimeSpan.Zero ? queue.Options.Lease : lease);
}
