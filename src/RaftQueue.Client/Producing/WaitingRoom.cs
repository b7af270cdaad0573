using System.Collections.Immutable;
using RaftQueue.Contracts;

namespace RaftQueue.Client.Producing;

/// <summary>Sends that are not on the wire yet, in the order in which they were made.</summary>
internal sealed class WaitingRoom(int maxFrameBytes)
{
    private readonly Queue<PendingSend> _sends = [];
    private long _bytes;
    private int _messages;

    public bool IsEmpty => _sends.Count == 0;

    /// <summary>There is enough for a command that could not take any more.</summary>
    public bool FillsFrame => _bytes >= maxFrameBytes || _messages >= Bounds.MaxMessagesPerCommand;

    public bool StartsWithBatch => _sends.TryPeek(out var first) && first.IsAtomic;

    public void Enter(PendingSend send)
    {
        _sends.Enqueue(send);
        (_bytes, _messages) = (_bytes + send.Packed.Length, _messages + send.Count);
    }

    /// <summary>
    /// The next command's messages: as many as fit into <paramref name="room"/> and into a command, a batch by itself. Cancelled sends are
    /// left out.
    /// </summary>
    public ImmutableArray<PendingSend> TakeFrame(int room)
    {
        var frame = ImmutableArray.CreateBuilder<PendingSend>();
        var bytes = 0;
        while (_sends.TryPeek(out var next))
        {
            if (next.IsOver)
            {
                Leave();
                continue;
            }

            var fits = next.Count <= room && frame.Count < Bounds.MaxMessagesPerCommand && (frame.Count == 0 || bytes + next.Packed.Length <= maxFrameBytes);
            if (!fits || (next.IsAtomic && frame.Count > 0))
                break;
            frame.Add(next);
            Leave();
            (bytes, room) = (bytes + next.Packed.Length, room - next.Count);
            if (next.IsAtomic)
                break;
        }

        return frame.ToImmutable();
    }

    /// <summary>Takes out whose time is over: all wait equally long, so they stand in front.</summary>
    public IEnumerable<PendingSend> TakeOverdue(TimeSpan now)
    {
        while (_sends.TryPeek(out var next) && (next.Deadline <= now || next.IsOver))
        {
            Leave();
            yield return next;
        }
    }

    public IEnumerable<PendingSend> TakeAll() => TakeOverdue(TimeSpan.MaxValue);

    private void Leave()
    {
        var send = _sends.Dequeue();
        (_bytes, _messages) = (_bytes - send.Packed.Length, _messages - send.Count);
    }
}
