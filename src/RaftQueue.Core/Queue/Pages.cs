namespace RaftQueue.Core.Queue;

/// <summary>The messages of a queue by sequence: pages in order, without those that have become empty.</summary>
internal sealed class Pages(Layout layout)
{
    private readonly List<Page> _pages = [];

    public long NextSequence { get; private set; } = 1;

    public IReadOnlyList<Page> All => _pages;

    public Message Append(in MessageRef message)
    {
        var number = NumberOf(NextSequence);
        if (_pages.Count == 0 || _pages[^1].Number != number)
            _pages.Add(NewPage(number));
        var page = _pages[^1];
        NextSequence++;
        return new Message(page, page.Append(message));
    }

    public bool TryFind(long sequence, out Message message)
    {
        message = default;
        if (sequence < 1 || sequence >= NextSequence)
            return false;
        var at = IndexOf(NumberOf(sequence));
        if (at < 0)
            return false;
        message = At(_pages[at], sequence);
        return message.Ref.State != MessageState.Gone;
    }

    /// <summary>The first live message at or behind a sequence.</summary>
    public bool TryFindFrom(long sequence, out Message message)
    {
        var at = IndexOf(NumberOf(Math.Max(1, sequence)));
        for (var i = at < 0 ? ~at : at; i < _pages.Count; i++)
        {
            var page = _pages[i];
            for (var slot = (int)Math.Max(0, sequence - page.FirstSequence); slot < page.Used; slot++)
            {
                message = new Message(page, slot);
                if (message.Ref.State != MessageState.Gone)
                    return true;
            }
        }

        message = default;
        return false;
    }

    public void Remove(Message message)
    {
        var page = message.Page;
        page.Clear(message.Slot);
        if (page.Live == 0 && page.IsFull)
            _pages.RemoveAt(IndexOf(page.Number));
    }

    /// <summary>Takes a page out of a snapshot; pages come in order.</summary>
    public void Attach(Page page) => _pages.Add(page);

    /// <summary>Goes on after the pages of a snapshot.</summary>
    public void ContinueAt(long nextSequence) => NextSequence = nextSequence;

    // An empty last page is not part of a snapshot: after a restore the next message may come into the middle of a new one.
    private Page NewPage(long number)
    {
        var page = new Page(number, layout.PageMessages);
        page.SkipTo((int)(NextSequence - page.FirstSequence));
        return page;
    }

    private static Message At(Page page, long sequence) => new(page, (int)(sequence - page.FirstSequence));

    private long NumberOf(long sequence) => (sequence - 1) >> layout.PageBits;

    // Pages mostly lie without gaps; then the place of one follows from its number.
    private int IndexOf(long number)
    {
        if (_pages.Count == 0)
            return ~0;
        var guess = number - _pages[0].Number;
        if (guess >= 0 && guess < _pages.Count && _pages[(int)guess].Number == number)
            return (int)guess;
        return Search(number);
    }

    private int Search(long number)
    {
        var (low, high) = (0, _pages.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_pages[middle].Number == number)
                return middle;
            if (_pages[middle].Number < number)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
