using System.Collections.Immutable;
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
        {
            machine.RefusedProducers.Add(command.Queue, command.Producer);
            return Refusals.UnknownQueue(command.Queue);
        }

        if (CheckSize(command) is { } refusal)
            return refusal;
        if (!command.Messages.IsWellFormed(out var problem))
            return Refusals.Malformed(problem);
        queue.Producers.TryGetValue(command.Producer, out var producer);
        if (producer is null && machine.RefusedProducers.Contains(command.Queue, command.Producer))
            return Refusals.QueueWasUnknown(command.Queue);
        if (AnswerRetry(queue, producer, command) is { } answer)
            return answer;

        var admission = Admission.Of(machine, queue, command);
        producer ??= machine.Producers.Add(queue, command.Producer);
        MakeRoom(machine, queue, admission.Fitting, admission.Bytes);
        var stored = new RememberedCommand(command.FirstSequence, command.Messages.Count, queue.Backlog.NextSequence, admission.Fitting);
        Store(machine, queue, command, admission);
        queue.Counters.Enqueued += admission.Fitting;
        // The numbers are used, whatever was stored: an earlier attempt that comes late must not store what its sender was told is refused.
        producer.Remember(stored);
        machine.Producers.Heard(producer, machine.AppliedIndex.Value, machine.Now);
        return Answer(queue, command, stored, admission.Refused);
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
        if (producer!.Recall(first, count) is { } stored
            && Admission.RefusedOf(queue, command.Messages) is var refused && refused.Length <= count - stored.Stored)
            return Answer(queue, command, stored, refused);
        return producer.IsForgotten(first) ? Refusals.SequenceForgotten(first) : Refusals.OtherBoundaries(first, count, last);
    }

    private static Enqueued Answer(QueueState queue, Enqueue command, RememberedCommand stored, ImmutableArray<MessageRefused> refused)
    {
        var rest = stored.Count - stored.Stored - refused.Length;
        // An atomic command of which one message is refused is refused for that; no room is asked for.
        var refusal = rest == 0 ? null
            : command.IsAtomic && !refused.IsEmpty ? refused[0].Refusal
            : Refusals.QueueFull(queue.Name, queue.Options);
        return new Enqueued(queue.Name, stored.FirstSequence, stored.FirstMessage, stored.Stored, refusal) { RefusedMessages = refused };
    }

    private static void MakeRoom(MachineState machine, QueueState queue, int count, long bytes)
    {
        var (options, backlog) = (queue.Options, queue.Backlog);
        while (count > 0 && IsOver(options, backlog.Count + count, backlog.Bytes + bytes) && backlog.TryGetOldestFree(out var oldest))
            DeadLettering.Move(machine, queue, oldest, DeadLetterCause.Dropped, Reasons.Dropped);
    }

    private static bool IsOver(QueueOptions options, long messages, long bytes) =>
        (options.MaxMessages > 0 && messages > options.MaxMessages) || (options.MaxBytes > 0 && bytes > options.MaxBytes);

    private static void Store(MachineState machine, QueueState queue, Enqueue command, Admission admission)
    {
        var (position, next, left) = (0, 0, admission.Fitting);
        if (left == 0)
            return;
        foreach (var message in command.Messages)
        {
            if (Admission.IsNext(admission.Refused, ref next, position++))
                continue;
            Store(machine, queue, command.Producer, message);
            if (--left == 0)
                break;
        }

        machine.Touch(queue);
    }

    private static void Store(MachineState machine, QueueState queue, ProducerId producer, in MessageView message)
    {
        var held = LogTime.MillisecondsOf(message.Delay ?? queue.Options.Delay);
        long? due = held > 0 ? machine.Now + held : null;
        var stored = queue.Backlog.Append(new Arrival(
            machine.Now,
            machine.Segments.Append(message.Packed.Span),
            due,
            message.TimeToLive is { } kept ? machine.Now + LogTime.MillisecondsOf(kept) : null,
            message.GroupKey.IsEmpty ? null : Encoding.Latin1.GetString(message.GroupKey.Span),
            Note: null));
        if (machine.Effects.Watch is { } watch)
            TellOf(watch, queue.Name, stored.Sequence, producer, due);
    }

    // A method of its own, so that its closure costs nothing where nobody watches.
    private static void TellOf(MessageWatch watch, QueueName queue, long sequence, ProducerId producer, long? due) => watch.Say(
        queue, sequence, MessageEventKind.Enqueued, told => told with { Producer = producer, Until = due is { } at ? new LogTime(at) : null });
}
