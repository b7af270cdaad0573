using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Core.Raft;

/// <summary>
/// The replicated log (§5.3): a snapshot at the front, entries after it, and what they say of members and machine version. It never changes once it is handed out;
/// appending to the newest log writes into spare room behind it, which no older log can see.
/// </summary>
public sealed class Log
{
    private readonly EntryBuffer _entries;
    private readonly int _count;
    private readonly LogIndex _baseIndex;
    private readonly Term _baseTerm;
    private readonly History<Configuration> _configurations;
    private readonly History<int> _machineVersions;

    private Log(
        EntryBuffer entries,
        int count,
        (LogIndex Index, Term Term) beginning,
        SnapshotMeta snapshot,
        History<Configuration> configurations,
        History<int> machineVersions)
    {
        _entries = entries;
        _count = count;
        (_baseIndex, _baseTerm) = beginning;
        _configurations = configurations;
        _machineVersions = machineVersions;
        Snapshot = snapshot;
    }

    /// <summary>The latest snapshot; before the first, <see cref="SnapshotMeta.Origin"/> with the first members.</summary>
    public SnapshotMeta Snapshot { get; }

    /// <summary>The first entry that is still here, or the one that would come first: at most one after the snapshot's.</summary>
    public LogIndex FirstIndex => _baseIndex.Next;

    /// <summary>The last entry.</summary>
    public LogIndex LastIndex => _baseIndex + _count;

    /// <summary>The term of the last entry.</summary>
    public Term LastTerm => _count == 0 ? _baseTerm : _entries[_count - 1].Term;

    /// <summary>The log time of the last entry: no later entry may be stamped earlier.</summary>
    public LogTime LastStamp => _count == 0 ? Snapshot.Stamp : _entries[_count - 1].Stamp;

    /// <summary>The latest configuration in the log, committed or not: the one a server uses (§6).</summary>
    public Configuration Configuration => _configurations.Latest;

    /// <summary>Where <see cref="Configuration"/> stands.</summary>
    public LogIndex ConfigurationIndex => _configurations.LatestIndex;

    /// <summary>The latest machine version in the log, committed or not.</summary>
    public int MachineVersion => _machineVersions.Latest;

    /// <summary>Where <see cref="MachineVersion"/> stands.</summary>
    public LogIndex MachineVersionIndex => _machineVersions.LatestIndex;

    /// <summary>Whether it knows nothing of any group: no entries, no snapshot, no members.</summary>
    public bool IsBlank => LastIndex == LogIndex.Zero && Configuration.Members.IsEmpty;

    /// <summary>The entry at an index from <see cref="FirstIndex"/> through <see cref="LastIndex"/>.</summary>
    public Entry this[LogIndex index] => Holds(index)
        ? _entries[Place(index)]
        : throw new InvariantViolation($"The log holds {FirstIndex} to {LastIndex}, not {index}.");

    /// <summary>A log that begins after <paramref name="snapshot"/>, without entries.</summary>
    public static Log Of(SnapshotMeta snapshot) => new(
        new EntryBuffer(),
        0,
        (snapshot.LastIncludedIndex, snapshot.LastIncludedTerm),
        snapshot,
        History.Of(snapshot.LastIncludedIndex, snapshot.Configuration),
        History.Of(snapshot.LastIncludedIndex, snapshot.MachineVersion));

    /// <summary>The log of a checkpoint. What it said of members and version before its snapshot is known as of the snapshot only, and nobody asks for more.</summary>
    internal static Log From(MemoryCheckpoint checkpoint) => new Log(
        new EntryBuffer(),
        0,
        (checkpoint.BaseIndex, checkpoint.BaseTerm),
        checkpoint.Snapshot,
        History.Of(checkpoint.BaseIndex, checkpoint.Snapshot.Configuration),
        History.Of(checkpoint.BaseIndex, checkpoint.Snapshot.MachineVersion)).Append(checkpoint.Entries);

    /// <summary>The term of the entry at <paramref name="index"/>, also of the one right before <see cref="FirstIndex"/>; null where it is not known.</summary>
    public Term? TermAt(LogIndex index)
    {
        if (Holds(index))
            return _entries[Place(index)].Term;
        return index == _baseIndex ? _baseTerm : null;
    }

    /// <summary>The latest configuration at or before <paramref name="index"/>.</summary>
    public Configuration ConfigurationAt(LogIndex index) => _configurations.At(index);

    /// <summary>The machine version in force at <paramref name="index"/>.</summary>
    public int MachineVersionAt(LogIndex index) => _machineVersions.At(index);

    /// <summary>The last entry that a machine of this version can apply: after it a newer version is in force.</summary>
    public LogIndex LastIndexOfVersion(int version)
    {
        foreach (var (index, value) in _machineVersions.Settings)
        {
            if (value > version)
                return index.Previous;
        }

        return LastIndex;
    }

    /// <summary>What a snapshot of the machine at an applied index of this log stands for.</summary>
    public SnapshotMeta MetaAt(LogIndex index)
    {
        if (index == Snapshot.LastIncludedIndex)
            return Snapshot;
        var entry = this[index];
        return new SnapshotMeta(index, entry.Term, entry.Stamp, ConfigurationAt(index), MachineVersionAt(index));
    }

    /// <summary>Entries from an index on: as many as fit both bounds, at least one where there is one.</summary>
    public ImmutableArray<Entry> Slice(LogIndex from, int maxEntries, long maxBytes)
    {
        if (from > LastIndex)
            return [];
        if (!Holds(from))
            throw new InvariantViolation($"The log holds {FirstIndex} to {LastIndex}, not {from}.");
        var start = Place(from);
        var end = start;
        for (var bytes = 0L; end < _count && end - start < maxEntries; end++)
        {
            bytes += _entries[end].Weight;
            if (bytes > maxBytes && end > start)
                break;
        }

        return _entries.Copy(start, end - start);
    }

    /// <summary>The entries from one index through another.</summary>
    public ImmutableArray<Entry> Range(LogIndex from, LogIndex through)
    {
        if (from > through)
            return [];
        if (!Holds(from) || !Holds(through))
            throw new InvariantViolation($"The log holds {FirstIndex} to {LastIndex}, not {from} to {through}.");
        return _entries.Copy(Place(from), (int)(through - from) + 1);
    }

    /// <summary>The first index that is still here and has the term of <paramref name="index"/>.</summary>
    internal LogIndex FirstIndexOfTermAt(LogIndex index) => FirstIndex + CountThrough(new Term(this[index].Term.Value - 1));

    /// <summary>The last index whose term is <paramref name="term"/> or older, as far as this log still knows.</summary>
    internal LogIndex LastIndexThrough(Term term) => _baseIndex + CountThrough(term);

    /// <summary>This log with entries at its end.</summary>
    public Log Append(ImmutableArray<Entry> entries)
    {
        var (configurations, machineVersions) = (_configurations, _machineVersions);
        var (index, term) = (LastIndex, LastTerm);
        foreach (var entry in entries)
        {
            if (entry.Index != index.Next || entry.Term < term)
                throw new InvariantViolation($"After entry {index} of term {term} cannot come entry {entry.Index} of term {entry.Term}.");
            (index, term) = (entry.Index, entry.Term);
            if (entry.Kind == EntryKind.Configuration)
                configurations = configurations.With(index, ConfigurationCodec.Decode(entry.Payload));
            else if (entry.Kind == EntryKind.MachineVersion)
                machineVersions = machineVersions.With(index, MachineVersionCodec.Decode(entry.Payload));
        }

        return new Log(_entries.Append(_count, entries), _count + entries.Length, (_baseIndex, _baseTerm), Snapshot, configurations, machineVersions);
    }

    /// <summary>This log without the entry at <paramref name="from"/> and all after it; what they said of members and version is undone.</summary>
    public Log TruncateFrom(LogIndex from)
    {
        if (from <= Snapshot.LastIncludedIndex || from > LastIndex)
            throw new InvariantViolation($"Cannot truncate at {from}: the snapshot covers {Snapshot.LastIncludedIndex}, the last entry is {LastIndex}.");
        return new Log(
            _entries, Place(from), (_baseIndex, _baseTerm), Snapshot, _configurations.Before(from), _machineVersions.Before(from));
    }

    /// <summary>This log with a newer snapshot of our own, and without the entries through <paramref name="through"/> (§7).</summary>
    public Log Compact(SnapshotMeta snapshot, LogIndex through)
    {
        if (through > snapshot.LastIncludedIndex || TermAt(snapshot.LastIncludedIndex) != snapshot.LastIncludedTerm)
            throw new InvariantViolation(
                $"A snapshot at {snapshot.LastIncludedIndex} of term {snapshot.LastIncludedTerm} cannot compact through {through} a log from {FirstIndex} to {LastIndex}.");
        var last = LogIndex.Max(through, _baseIndex);
        var dropped = (int)(last - _baseIndex);
        return new Log(
            dropped == 0 ? _entries : _entries.From(dropped, _count),
            _count - dropped,
            (last, TermAt(last)!.Value),
            snapshot,
            _configurations.From(last),
            _machineVersions.From(last));
    }

    /// <summary>
    /// The log that the leader's snapshot leaves: the entries after it, where the log held its last included entry with the same term, else none (§7, Figure 13).
    /// </summary>
    public Log Install(SnapshotMeta snapshot)
    {
        if (snapshot.LastIncludedIndex <= Snapshot.LastIncludedIndex)
            throw new InvariantViolation($"A snapshot at {snapshot.LastIncludedIndex} cannot replace a later one at {Snapshot.LastIncludedIndex}.");
        var fresh = Of(snapshot);
        return TermAt(snapshot.LastIncludedIndex) == snapshot.LastIncludedTerm
            ? fresh.Append(Range(snapshot.LastIncludedIndex.Next, LastIndex))
            : fresh;
    }

    private bool Holds(LogIndex index) => index > _baseIndex && index <= LastIndex;

    private int Place(LogIndex index) => (int)(index - _baseIndex) - 1;

    /// <summary>How many entries have this term or an older one. Terms never fall along the log, so a binary search finds it.</summary>
    private int CountThrough(Term term)
    {
        var (low, high) = (0, _count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_entries[middle].Term <= term)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
