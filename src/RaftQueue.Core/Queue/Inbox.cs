using RaftQueue.Contracts;

namespace RaftQueue.Core.Queue;

/// <summary>How far a queue has taken in what another group sends it.</summary>
/// <param name="Outbox">The number of that group's outbox.</param>
/// <param name="Sequence">The last message of it that is here.</param>
internal readonly record struct Watermark(long Outbox, long Sequence) : IComparable<Watermark>
{
    public int CompareTo(Watermark other) => Outbox != other.Outbox ? Outbox.CompareTo(other.Outbox) : Sequence.CompareTo(other.Sequence);
}

/// <summary>
/// What a queue has taken in from other groups, by group. Messages of one group come in order, so one mark a group tells every repetition, however late it comes, and
/// unlike the memory of producers it need never be forgotten.
/// </summary>
internal sealed class Inbox
{
    private readonly SortedDictionary<GroupId, Watermark> _marks = [];

    public IEnumerable<KeyValuePair<GroupId, Watermark>> InOrder => _marks;

    public int Count => _marks.Count;

    public Watermark this[GroupId group]
    {
        get => _marks.GetValueOrDefault(group);
        set => _marks[group] = value;
    }
}
