using System.Collections.Immutable;
using RaftQueue.Contracts;

namespace RaftQueue.Client.Producing;

/// <summary>Sends that are not on the wire yet, in the order in which they were made.</summary>
internal sealed class WaitingRoom(int maxFrameBytes)
{
    private readonly Queue<PendingSend> _sends = [];

    public bool IsEmpty => _sends.Count == 0;

    public bool StartsWithBatch => _sends.TryPeek(out var first) && first.IsAtomic;

    public void Enter(PendingSend send) => _sends.Enqueue(send);

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
                _sends.Dequeue();
                continue;
            }

            var fits = next.Count <= room && frame.Count < Bounds.MaxMessagesPerCommand && (frame.Count == 0 || bytes + next.Packed.Length <= maxFrameBytes);
            if (!fits || (next.IsAtomic && frame.Count > 0))
                break;
            frame.Add(_sends.Dequeue());
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
            yield return _sends.Dequeue();
    }

    public IEnumerable<PendingSend> TakeAll() => TakeOverdue(TimeSpan.MaxValue);
}
