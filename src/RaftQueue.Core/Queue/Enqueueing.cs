using System.Text;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>Messages come in, once each, however often they are sent.</summary>
internal static class Enqueueing
{
    public static IReply Apply(MachineState machine, Enqueue command)
    {
        if (!machine.TryFind(command.Queue, out var queue))
            return Refusals.UnknownQueue(command.Queue);
        if (CheckSize(command) is { } refusal)
            return refusal;
        queue.Producers.TryGetValue(command.Producer, out var producer);
        if (AnswerRetry(queue, producer, command) is { } answer)
            return answer;
        if (!command.Messages.IsWellFormed(out var problem))
            return Refusals.Malformed(problem);

        var fitting = CountFitting(machine, queue, command.Messages, out var bytes);
        if (command.IsAtomic && fitting < command.Messages.Count)
            return Refusals.QueueFull(queue.Name, queue.Options);

        producer ??= machine.Producers.Add(queue, command.Producer);
        MakeRoom(machine, queue, fitting, bytes);
        var stored = new RememberedCommand(command.FirstSequence, command.Messages.Count, queue.Backlog.NextSequence, fitting);
        Store(machine, queue, command, fitting);
        queue.Counters.Enqueued += fitting;
        producer.Remember(stored);
        machine.Producers.Heard(producer, machine.AppliedIndex.Value, machine.Now);
        return Answer(queue, stored);
    }

    private static Refused? CheckSize(Enqueue command) =>
        OptionRules.Within("Messages.Count", command.Messages.Count, 1, Bounds.MaxMessagesPerCommand)
        ?? OptionRules.Within(nameof(command.FirstSequence), command.FirstSequence, 1, long.MaxValue - Bounds.MaxMessagesPerCommand)
        ?? (command.Messages.Bytes.Length > Bounds.MaxCommandBytes
            ? Refusals.TooLarge("The command", command.Messages.Bytes.Length, Bounds.MaxCommandBytes)
            : null);

    /// <summary>The answer to a command whose numbers are not the producer's next; null for one that is to be stored.</summary>
    private static IReply? AnswerRetry(QueueState queue, Producer? producer, Enqueue command)
    {
        var last = producer?.LastSequence ?? 0;
        var (first, count) = (command.FirstSequence, command.Messages.Count);
        if (first == last + 1)
            return null;
        if (first > last + 1)
            return Refusals.SequenceGap(first, last + 1);
        if (producer!.Recall(first, count) is { } stored)
            return Answer(queue, stored);
        return producer.IsForgotten(first) ? Refusals.SequenceForgotten(first) : Refusals.OtherBoundaries(first, count, last);
    }

    private static Enqueued Answer(QueueState queue, RememberedCommand stored) => new(
        queue.Name,
        stored.FirstSequence,
        stored.FirstMessage,
        stored.Stored,
        stored.Stored < stored.Count ? Refusals.QueueFull(queue.Name, queue.Options) : null);

    // How many of the messages, from the first, find room; where the oldest are dropped, only what is held, or cannot leave the queue, does not give way.
    private static int CountFitting(MachineState machine, QueueState queue, MessageBlock messages, out long bytes)
    {
        var (options, backlog) = (queue.Options, queue.Backlog);
        var drops = options.Overflow == OverflowPolicy.DropOldest && DeadLettering.IsPossible(machine, queue);
        var room = options.MaxMessages == 0 ? long.MaxValue : options.MaxMessages - (drops ? backlog.Leased : backlog.Count);
        var roomBytes = options.MaxBytes == 0 ? long.MaxValue : options.MaxBytes - (drops ? backlog.LeasedBytes : backlog.Bytes);
        var count = 0;
        bytes = 0;
        foreach (var message in messages)
        {
            if (count + 1 > room || bytes + message.Packed.Length > roomBytes)
                break;
            count++;
            bytes += message.Packed.Length;
        }

        return count;
    }

    private static void MakeRoom(MachineState machine, QueueState queue, int count, long bytes)
    {
        var (options, backlog) = (queue.Options, queue.Backlog);
        while (count > 0 && IsOver(options, backlog.Count + count, backlog.Bytes + bytes) && backlog.TryGetOldestFree(out var oldest))
            DeadLettering.Move(machine, queue, oldest, DeadLetterCause.Dropped, Reasons.Dropped);
    }

    private static bool IsOver(QueueOptions options, long messages, long bytes) =>
        (options.MaxMessages > 0 && messages > options.MaxMessages) || (options.MaxBytes > 0 && bytes > options.MaxBytes);

    private static void Store(MachineState machine, QueueState queue, Enqueue command, int count)
    {
        if (count == 0)
            return;
        var delay = (long)queue.Options.Delay.TotalMilliseconds;
        foreach (var message in command.Messages)
        {
            var held = message.Delay is { } own ? (long)own.TotalMilliseconds : delay;
            long? due = held > 0 ? machine.Now + held : null;
            var stored = queue.Backlog.Append(new Arrival(
                machine.Now,
                machine.Segments.Append(message.Packed.Span),
                due,
                message.TimeToLive is { } kept ? machine.Now + (long)kept.TotalMilliseconds : null,
                message.GroupKey.IsEmpty ? null : Encoding.Latin1.GetString(message.GroupKey.Span),
                Note: null));
            if (machine.Effects.Watch is { } watch)
                TellOf(watch, queue.Name, stored.Sequence, command.Producer, due);
            if (--count == 0)
                break;
        }

        machine.Touch(queue);
    }

    // A method of its own, so that its closure costs nothing where nobody watches.
    private static void TellOf(MessageWatch watch, QueueName queue, long sequence, ProducerId producer, long? due) => watch.Say(
        queue, sequence, MessageEventKind.Enqueued, told => told with { Producer = producer, Until = due is { } at ? new LogTime(at) : null });
}
