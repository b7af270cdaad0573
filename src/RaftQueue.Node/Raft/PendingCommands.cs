using System.Collections.Immutable;

namespace RaftQueue.Node.Raft;

/// <summary>
/// Commands that arrived while a write was in flight. They go into the next one together (group commit), so that the price of a write and its sync is shared by all of
/// them; both what waits and what goes together is bounded (P9).
/// </summary>
/// <param name="maxBytes">The most bytes that wait.</param>
/// <param name="maxBatchBytes">The most bytes that go together; a larger command goes by itself.</param>
internal sealed class PendingCommands(long maxBytes, long maxBatchBytes)
{
    private readonly Queue<ProposeCommand> _waiting = new();
    private long _bytes;

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Lets a command wait, unless there are too many already.</summary>
    public bool TryAdd(ProposeCommand command)
    {
        if (_bytes + command.Payload.Length > maxBytes)
            return false;
        _waiting.Enqueue(command);
        _bytes += command.Payload.Length;
        return true;
    }

    /// <summary>The commands of the next write, in the order of their arrival.</summary>
    public ImmutableArray<ProposeCommand> TakeBatch()
    {
        var batch = ImmutableArray.CreateBuilder<ProposeCommand>();
        long bytes = 0;
        while (_waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Payload.Length <= maxBatchBytes))
        {
            batch.Add(_waiting.Dequeue());
            bytes += next.Payload.Length;
        }

        _bytes -= bytes;
        return batch.DrainToImmutable();
    }

    /// <summary>Everything that waits: nobody will write it here any more.</summary>
    public IReadOnlyList<ProposeCommand> TakeAll()
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        _bytes = 0;
        return all;
    }
}
