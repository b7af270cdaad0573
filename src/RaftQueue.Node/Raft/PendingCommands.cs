using System.Collections.Immutable;

namespace RaftQueue.Node.Raft;

/// <summary>
/// Commands that arrived while a write was in flight. They go into the next one together (group commit), so that the price of a write and its sync is shared by all of
/// them; both what waits and what goes together is bounded (P9).
/// </summary>
/// <remarks>
/// Between others, patient commands (<see cref="ProposeCommand.IsPatient"/>) start no write of their own: for a moment after each write with others in it they wait for the next such write.
/// </remarks>
/// <param name="maxBytes">The most bytes that wait.</param>
/// <param name="maxBatchBytes">The most bytes that go together; a larger command goes by itself.</param>
/// <param name="maxCount">The most commands that wait.</param>
internal sealed class PendingCommands(long maxBytes, long maxBatchBytes, int maxCount = int.MaxValue)
{
    // What is committed together is answered together, and Raft's own messages leave behind these answers.
    private const int MaxBatchCount = 1_024;

    private readonly Queue<ProposeCommand> _waiting = new();
    private long _bytes;
    private int _impatient;

    /// <summary>Whether a next command that is not patient is expected soon: one was just taken, and its moment is not over.</summary>
    public bool ExpectsCompany { get; private set; }

    /// <summary>Whether something waits that should be written as soon as it can be.</summary>
    public bool AreDue => _impatient > 0 || (_waiting.Count > 0 && !ExpectsCompany);

    /// <summary>Lets a command wait, unless there are too many already.</summary>
    public bool TryAdd(ProposeCommand command)
    {
        if (_bytes + command.Payload.Length > maxBytes || _waiting.Count >= maxCount)
            return false;
        _waiting.Enqueue(command);
        _bytes += command.Payload.Length;
        _impatient += command.IsPatient ? 0 : 1;
        return true;
    }

    /// <summary>The commands of the next write, in the order of their arrival.</summary>
    public ImmutableArray<ProposeCommand> TakeBatch()
    {
        var batch = ImmutableArray.CreateBuilder<ProposeCommand>();
        long bytes = 0;
        while (batch.Count < MaxBatchCount && _waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Payload.Length <= maxBatchBytes))
        {
            batch.Add(_waiting.Dequeue());
            bytes += next.Payload.Length;
            if (next.IsPatient)
                continue;
            _impatient--;
            ExpectsCompany = true;
        }

        _bytes -= bytes;
        return batch.DrainToImmutable();
    }

    /// <summary>The moment is over: what waits is due.</summary>
    public void ExpectNoCompany() => ExpectsCompany = false;

    /// <summary>Everything that waits: nobody will write it here any more.</summary>
    public IReadOnlyList<ProposeCommand> TakeAll()
    {
        var all = _waiting.ToArray();
        _waiting.Clear();
        (_bytes, _impatient) = (0, 0);
        return all;
    }
}
