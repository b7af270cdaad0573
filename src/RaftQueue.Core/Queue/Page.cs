namespace RaftQueue.Core.Queue;

/// <summary>
/// A run of messages of one queue, by sequence: the unit in which references are snapshotted. Whatever is known of a message and outlives its lease
/// lies here, so that every index over messages can be rebuilt from the pages.
/// </summary>
internal sealed class Page(long number, int capacity)
{
    private const int FirstSlots = 16;

    // The first page of a queue grows as it is filled: ten thousand quiet queues must not cost ten thousand full pages.
    private MessageRef[] _slots = new MessageRef[number == 0 ? Math.Min(FirstSlots, capacity) : capacity];

    public long Number { get; } = number;

    public long FirstSequence { get; } = (number * capacity) + 1;

    /// <summary>Slots given out, from the first.</summary>
    public int Used { get; private set; }

    public int Live { get; private set; }

    public bool IsFull => Used == capacity;

    public Column<MessageGroup?> Groups { get; } = new(capacity);

    /// <summary>When messages with a time to live of their own expire.</summary>
    public Column<long?> Expiries { get; } = new(capacity);

    /// <summary>When delayed messages are due.</summary>
    public Column<long> DueTimes { get; } = new(capacity);

    /// <summary>The places of messages that were delayed.</summary>
    public Column<Place?> Places { get; } = new(capacity);

    /// <summary>Where dead-lettered messages came from.</summary>
    public Column<DeadLetterNote?> Notes { get; } = new(capacity);

    /// <summary>The piece in which this page was captured as it is now; null when it has changed since.</summary>
    public PieceRecord? Captured { get; set; }

    /// <summary>The hash of the canonical bytes as they are now; null when not known.</summary>
    public byte[]? Hash { get; set; }

    public ref MessageRef this[int slot] => ref _slots[slot];

    /// <summary>Says that something in the page is changed: it must be hashed and captured anew.</summary>
    public void Touch() => (Captured, Hash) = (null, null);

    public int Append(in MessageRef message)
    {
        Fill(Used, message);
        return Used - 1;
    }

    /// <summary>Puts a message at a slot at or behind the used ones; those between stay empty.</summary>
    public void Fill(int slot, in MessageRef message)
    {
        if (slot >= _slots.Length)
            Array.Resize(ref _slots, Math.Min(capacity, Math.Max(slot + 1, _slots.Length * 2)));
        _slots[slot] = message;
        Used = slot + 1;
        Live++;
        Touch();
    }

    /// <summary>Says that slots below <paramref name="used"/> were given out, though they are empty by now.</summary>
    public void SkipTo(int used)
    {
        if (used > _slots.Length)
            Array.Resize(ref _slots, Math.Min(capacity, Math.Max(used, _slots.Length * 2)));
        Used = Math.Max(Used, used);
    }

    public void Clear(int slot)
    {
        _slots[slot] = default;
        Groups.Clear(slot);
        Expiries.Clear(slot);
        DueTimes.Clear(slot);
        Places.Clear(slot);
        Notes.Clear(slot);
        Live--;
        Touch();
    }
}

/// <summary>A property that few messages have: it costs nothing until one has it.</summary>
internal sealed class Column<T>(int capacity)
{
    private T[]? _values;

    public T? this[int slot] => _values is null ? default : _values[slot];

    public void Set(int slot, T value) => (_values ??= new T[capacity])[slot] = value;

    public void Clear(int slot)
    {
        if (_values is not null)
            _values[slot] = default!;
    }
}
