using System.Collections.Immutable;
using RaftQueue.Contracts.Queue;

namespace RaftQueue.Core.Queue;

/// <summary>Which messages of an enqueue command a queue takes in.</summary>
/// <param name="Fitting">How many, from the first on and without the refused ones.</param>
/// <param name="Bytes">The bytes of these.</param>
/// <param name="Refused">Those that are refused each for a reason of its own.</param>
internal readonly record struct Admission(int Fitting, long Bytes, ImmutableArray<MessageRefused> Refused)
{
    /// <summary>
    /// The first messages that find room. Where the oldest are dropped, only what is held, or cannot leave the queue, does not give way.
    /// </summary>
    public static Admission Of(MachineState machine, QueueState queue, Enqueue command)
    {
        var (options, backlog) = (queue.Options, queue.Backlog);
        var drops = options.Overflow == OverflowPolicy.DropOldest && DeadLettering.IsPossible(machine, queue);
        var room = options.MaxMessages == 0 ? long.MaxValue : options.MaxMessages - (drops ? backlog.Leased : backlog.Count);
        var roomBytes = options.MaxBytes == 0 ? long.MaxValue : options.MaxBytes - (drops ? backlog.LeasedBytes : backlog.Bytes);
        List<MessageRefused>? refused = null;
        var (position, count, bytes, isFull) = (0, 0, 0L, false);
        foreach (var message in command.Messages)
        {
            if (Refuse(queue, message, position++) is { } one)
            {
                (refused ??= []).Add(one);
                continue;
            }

            isFull = isFull || count + 1 > room || bytes + message.Packed.Length > roomBytes;
            if (isFull)
                continue;
            count++;
            bytes += message.Packed.Length;
        }

        var isWhole = count == command.Messages.Count;
        return new Admission(command.IsAtomic && !isWhole ? 0 : count, command.IsAtomic && !isWhole ? 0 : bytes, ToArray(refused));
    }

    /// <summary>The messages that this queue never takes in, by its options alone: the same for every attempt of a command.</summary>
    public static ImmutableArray<MessageRefused> RefusedOf(QueueState queue, MessageBlock messages)
    {
        List<MessageRefused>? refused = null;
        var position = 0;
        foreach (var message in messages)
        {
            if (Refuse(queue, message, position++) is { } one)
                (refused ??= []).Add(one);
        }

        return ToArray(refused);
    }

    /// <summary>Whether the message at a position is refused, for a walk over the command.</summary>
    public static bool IsNext(ImmutableArray<MessageRefused> refused, ref int next, int position)
    {
        if (next == refused.Length || refused[next].Position != position)
            return false;
        next++;
        return true;
    }

    private static ImmutableArray<MessageRefused> ToArray(List<MessageRefused>? refused) => refused is null ? [] : [.. refused];

    private static MessageRefused? Refuse(QueueState queue, in MessageView message, int position) =>
        MessageTimes.Check(message.Delay, message.TimeToLive, queue.Options) is { } reason ? new MessageRefused(position, reason) : null;
}
