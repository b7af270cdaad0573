using System.Collections.Immutable;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Core.Raft;

/// <summary>
/// Room for entries that several logs share. A log sees only as many as it counts; what stands there never changes, because an append that would overwrite what
/// another log has appended copies instead. An empty buffer stays empty: <see cref="Memory.Empty"/> is where the logs of all replicas of a process begin, each on
/// a thread of its own.
/// </summary>
internal sealed class EntryBuffer
{
    private const int SmallestCapacity = 16;

    private Entry[] _items;
    private int _used;

    public EntryBuffer()
        : this([], 0)
    {
    }

    private EntryBuffer(Entry[] items, int used)
    {
        _items = items;
        _used = used;
    }

    public Entry this[int place] => _items[place];

    /// <summary>The buffer of a log that had <paramref name="count"/> entries here and now has more.</summary>
    public EntryBuffer Append(int count, ImmutableArray<Entry> entries)
    {
        var buffer = count > 0 && count == _used ? this : new EntryBuffer(_items.AsSpan(0, count).ToArray(), count);
        buffer.Reserve(entries.Length);
        entries.CopyTo(buffer._items, count);
        buffer._used = count + entries.Length;
        return buffer;
    }

    /// <summary>A buffer of its own for the entries from one place to another, so that those before it can leave memory.</summary>
    public EntryBuffer From(int start, int end) => new(_items.AsSpan(start, end - start).ToArray(), end - start);

    public ImmutableArray<Entry> Copy(int start, int count) => ImmutableArray.Create(_items, start, count);

    private void Reserve(int more)
    {
        if (_used + more > _items.Length)
            Array.Resize(ref _items, Math.Max(SmallestCapacity, Math.Max(_used + more, _items.Length * 2)));
    }
}
