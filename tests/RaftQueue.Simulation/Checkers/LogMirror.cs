using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>A checker's own fold of a node's events: the term, the vote, and the terms of the log. Written apart from the rules' memory on purpose.</summary>
public sealed class LogMirror
{
    private readonly List<long> _terms = [];
    private long _base;
    private long _baseTerm;

    /// <summary>The current term.</summary>
    public long Term { get; private set; }

    /// <summary>The vote in that term.</summary>
    public NodeId? VotedFor { get; private set; }

    /// <summary>The last entry.</summary>
    public long LastIndex => _base + _terms.Count;

    /// <summary>The last entry's term.</summary>
    public long LastTerm => _terms.Count > 0 ? _terms[^1] : _baseTerm;

    /// <summary>The latest snapshot of a leader that took the place of the log.</summary>
    public long InstalledThrough { get; private set; }

    /// <summary>The latest place at which this log ever held members, also where they gave way again.</summary>
    public long HighestConfiguration { get; private set; }

    /// <summary>The term of an entry; null where the log does not hold it, or no longer knows.</summary>
    public long? TermAt(long index)
    {
        if (index == _base)
            return _baseTerm;
        return index > _base && index <= LastIndex ? _terms[(int)(index - _base - 1)] : null;
    }

    /// <summary>Folds one event.</summary>
    public void Apply(IRaftEvent happened)
    {
        switch (happened)
        {
            case Voted voted:
                (Term, VotedFor) = (voted.Term.Value, voted.VotedFor);
                break;
            case EntriesAppended appended:
                foreach (var entry in appended.Entries)
                    Append(entry);
                break;
            case LogTruncated truncated:
                Truncate(truncated.From.Value);
                break;
            case SnapshotInstalled installed:
                Install(installed.Meta);
                break;
        }
    }

    private void Append(Entry entry)
    {
        if (entry.Index.Value != LastIndex + 1)
            throw new Violation("Log Without Gaps", $"entry {entry.Index} was appended to a log that ends at {LastIndex}");
        _terms.Add(entry.Term.Value);
        if (entry.Kind == EntryKind.Configuration)
            HighestConfiguration = Math.Max(HighestConfiguration, entry.Index.Value);
    }

    private void Truncate(long from)
    {
        if (from <= _base || from > LastIndex)
            throw new Violation("Log Without Gaps", $"a log of entries {_base + 1} to {LastIndex} was truncated from {from}");
        _terms.RemoveRange((int)(from - _base - 1), (int)(LastIndex - from + 1));
    }

    private void Install(SnapshotMeta meta)
    {
        var (index, term) = (meta.LastIncludedIndex.Value, meta.LastIncludedTerm.Value);
        var isHeld = TermAt(index) == term;
        InstalledThrough = Math.Max(InstalledThrough, index);
        HighestConfiguration = Math.Max(HighestConfiguration, index);
        if (isHeld)
            return;
        _terms.Clear();
        (_base, _baseTerm) = (index, term);
    }
}
