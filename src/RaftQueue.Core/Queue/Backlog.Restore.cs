namespace RaftQueue.Core.Queue;

/// <summary>How a backlog comes back out of its pages: every index over messages is rebuilt from what the pages say.</summary>
internal sealed partial class Backlog
{
    /// <summary>The turn of the message that fell due last.</summary>
    public long LastTurn => _turn;

    public MessageGroup GroupOf(string key) => _groups.Get(key);

    public void ContinueAt(long nextSequence, long lastTurn)
    {
        _pages.ContinueAt(nextSequence);
        _turn = lastTurn;
    }

    /// <summary>Takes a page; pages come in order.</summary>
    public void Attach(Page page)
    {
        _pages.Attach(page);
        for (var slot = 0; slot < page.Used; slot++)
        {
            if (page[slot].State != MessageState.Gone)
                Attach(new Message(page, slot));
        }
    }

    /// <summary>All pages are there.</summary>
    public void FinishRestore()
    {
        _groups.SortBy(sequence => _pages.TryFind(sequence, out var message) ? message.Place : default);

        // Where messages of a group wait and none is leased, the first of the group in the order is the one they wait for.
        foreach (var entry in _queued)
        {
            if (_pages.TryFind(entry.Sequence, out var message) && message.Group is { Owner: 0, Waiting: > 0 } group)
                group.Owner = entry.Sequence;
        }
    }

    private void Attach(Message message)
    {
        Register(message);
        switch (message.Ref.State)
        {
            case MessageState.Queued:
                _queued.Add(new ReadyEntry(message.Place, message.Sequence));
                break;
            case MessageState.Waiting:
                message.Group!.Wait(message.Sequence);
                break;
            case MessageState.Leased:
                LeasedBytes += message.Ref.Length;
                if (message.Group is { } group)
                    group.Owner = message.Sequence;
                break;
        }
    }
}
