using System.Collections.Immutable;
using RaftQueue.Client.Connection;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Queue;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Client.Producing;

/// <summary>
/// One enqueue command on its way. Its boundaries never change: it is repeated with the same messages under the same numbers, which is how
/// the broker knows it again.
/// </summary>
internal sealed class Frame(ImmutableArray<PendingSend> sends, long ordinal)
{
    private readonly MessageBlock _messages = Join(sends);

    public ImmutableArray<PendingSend> Sends => sends;

    /// <summary>Which of its producer's commands it is.</summary>
    public long Ordinal => ordinal;

    public int Count => _messages.Count;

    /// <summary>The producer's number of its first message.</summary>
    public long FirstSequence { get; private set; }

    /// <summary>The encoded command.</summary>
    public ReadOnlyMemory<byte> Command { get; private set; }

    /// <summary>How often it was sent under these numbers.</summary>
    public int Attempts { get; private set; }

    /// <summary>What may be claimed about it while it is not confirmed, under all the numbers that it had.</summary>
    public RequestOutcome Outcome { get; } = new();

    /// <summary>The tag of the latest attempt. Only its refusals count; a confirmation counts from any.</summary>
    public long LatestTag { get; private set; }

    /// <summary>
    /// At its latest attempt everything before it was confirmed: the broker cannot have missed a number because of another frame.
    /// </summary>
    public bool WasOldest { get; private set; }

    /// <summary>Known not to be stored under these numbers; waits for new ones.</summary>
    public bool IsUnstored { get; set; }

    /// <summary>Gives it its numbers, which it keeps through all retries.</summary>
    public void Number(QueueName queue, ProducerId producer, long firstSequence)
    {
        (FirstSequence, Attempts, IsUnstored) = (firstSequence, 0, false);
        Command = CommandCodec.Encode(new Enqueue(queue, producer, firstSequence, sends[0].IsAtomic, _messages));
    }

    public void Attempted(long tag, bool isOldest)
    {
        (LatestTag, WasOldest, Attempts) = (tag, isOldest, Attempts + 1);
        Outcome.Begin();
    }

    public void Fail(Exception problem)
    {
        foreach (var send in sends)
            send.Fail(problem);
    }

    /// <summary>Confirms what was stored, and refuses the rest.</summary>
    public void Confirm(Enqueued reply, Func<Refused, Exception> toException)
    {
        var refused = reply.RefusedMessages.ToDictionary(one => one.Position, one => one.Refusal);
        var (position, stored) = (0, 0);
        foreach (var send in sends)
        {
            if (!send.IsAtomic && refused.GetValueOrDefault(position) is { } reason)
            {
                send.Fail(toException(reason));
            }
            else if (stored + send.Count <= reply.Count)
            {
                send.Confirm(reply.FirstMessage + stored);
                stored += send.Count;
            }
            else
            {
                send.Fail(toException(reply.Refusal ?? refused.Values.FirstOrDefault() ?? NoRoom(reply.Queue)));
            }

            position += send.Count;
        }
    }

    private static Refused NoRoom(QueueName queue) => new(RefusalCode.QueueFull, $"Queue '{queue}' had no room for the message.");

    private static MessageBlock Join(ImmutableArray<PendingSend> sends)
    {
        var count = sends.Sum(send => send.Count);
        if (sends.Length == 1)
            return new MessageBlock(sends[0].Packed, count);
        var bytes = new byte[sends.Sum(send => send.Packed.Length)];
        var position = 0;
        foreach (var send in sends)
        {
            send.Packed.CopyTo(bytes.AsMemory(position));
            position += send.Packed.Length;
        }

        return new MessageBlock(bytes, count);
    }
}
