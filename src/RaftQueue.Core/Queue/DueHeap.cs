namespace RaftQueue.Core.Queue;

/// <summary>
/// Ids by the time when something is due for them, ties in the order of the ids. An id that does not matter any more stays until it comes to the
/// top or until such ids outnumber the rest: every step costs O(log n) amortised, and memory follows what matters.
/// </summary>
/// <param name="matters">Whether an id is still of interest.</param>
internal sealed class DueHeap(Func<long, bool> matters)
{
    private const int Slack = 64;

    private PriorityQueue<long, (long At, long Id)> _heap = new();
    private long _live;

    public void Add(long at, long id)
    {
        _heap.Enqueue(id, (at, id));
        _live++;
    }

    /// <summary>Called once for each id that was added, when it has stopped to matter, whether it was popped or not. It may be added again.</summary>
    public void Forget()
    {
        _live--;
        if (_heap.Count <= (2 * _live) + Slack)
            return;
        // An id that mattered, did not, and does again, is in the heap twice.
        _heap = new PriorityQueue<long, (long At, long Id)>(_heap.UnorderedItems.Where(item => matters(item.Element)).Distinct());
    }

    /// <summary>The earliest id that matters.</summary>
    public bool TryPeek(out long at, out long id)
    {
        while (_heap.TryPeek(out id, out var due))
        {
            at = due.At;
            if (matters(id))
                return true;
            _heap.Dequeue();
        }

        at = 0;
        return false;
    }

    public void Pop() => _heap.Dequeue();
}
