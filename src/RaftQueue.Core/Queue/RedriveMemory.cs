using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>The answers to a queue's latest redrives, so that repeating one moves nothing more.</summary>
internal sealed class RedriveMemory
{
    private readonly Dictionary<Guid, int> _moved = [];
    private readonly Queue<Guid> _order = new();

    /// <summary>Oldest first.</summary>
    public IEnumerable<(Guid Request, int Moved)> InOrder => _order.Select(request => (request, _moved[request]));

    public int Count => _order.Count;

    public bool TryRecall(Guid request, out int moved) => _moved.TryGetValue(request, out moved);

    public void Remember(Guid request, int moved)
    {
        if (_order.Count == Bounds.MaxRememberedRedrives)
            _moved.Remove(_order.Dequeue());
        _moved.Add(request, moved);
        _order.Enqueue(request);
    }
}
