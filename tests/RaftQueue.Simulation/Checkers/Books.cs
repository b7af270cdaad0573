using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;

namespace RaftQueue.Simulation.Checkers;

/// <summary>What all checkers may look up: each node's logs, where each entry ever was durable, and what was committed. Kept up from events alone.</summary>
public sealed class Books
{
    private readonly Dictionary<(long Index, long Term), ulong> _holders = [];
    private readonly Dictionary<(NodeId, Incarnation), int> _holderBits = [];
    private readonly List<Witness> _nodes = [];
    private readonly List<(long Term, long CommittedIn)> _committed = [default];

    /// <summary>The nodes that were ever part of this.</summary>
    public IReadOnlyList<Witness> Nodes => _nodes;

    /// <summary>The last entry that any leader has called committed.</summary>
    public long Committed => _committed.Count - 1;

    /// <summary>The term of a committed entry.</summary>
    public long CommittedTerm(long index) => _committed[(int)index].Term;

    /// <summary>The last entry that was committed by a leader of an earlier term than this.</summary>
    public long CommittedBefore(long term)
    {
        var index = Committed;
        while (index > 0 && _committed[(int)index].CommittedIn >= term)
            index--;
        return index;
    }

    /// <summary>Enters a node.</summary>
    public Witness Enter(NodeId id)
    {
        var witness = new Witness(id, _nodes.Count);
        _nodes.Add(witness);
        return witness;
    }

    /// <summary>A node woke: its books are opened anew from what its disk holds.</summary>
    public void Open(Witness node, Incarnation incarnation, IEnumerable<IRaftEvent> events)
    {
        node.Incarnation = incarnation;
        node.HolderBit = HolderBit(node.Id, incarnation);
        (node.Memory, node.Disk) = (new LogMirror(), new LogMirror());
        foreach (var happened in events)
        {
            node.Memory.Apply(happened);
            node.Disk.Apply(happened);
            if (happened is EntriesAppended appended)
                Hold(node, appended);
        }
    }

    /// <summary>Events became durable.</summary>
    public void Persist(Witness node, IReadOnlyList<IRaftEvent> events)
    {
        foreach (var happened in events)
        {
            node.Disk.Apply(happened);
            if (happened is EntriesAppended appended)
                Hold(node, appended);
        }
    }

    /// <summary>Whether a member ever had this entry on its disk, in the life that the configuration names.</summary>
    public bool EverHeld(Member member, long index, long term)
    {
        _holders.TryGetValue((index, term), out var holders);
        foreach (var (who, bit) in _holderBits)
        {
            var isMeant = who.Item1 == member.Id && (who.Item2 == member.Incarnation || !member.Incarnation.IsKnown);
            if (isMeant && (holders & (1UL << bit)) != 0)
                return true;
        }

        return _nodes.Find(node => node.Id == member.Id) is { } witness && witness.Disk.InstalledThrough >= index;
    }

    /// <summary>A leader calls everything through <paramref name="index"/> committed.</summary>
    public void Commit(Witness leader, long term, long index)
    {
        for (var next = Committed + 1; next <= index; next++)
        {
            var entryTerm = leader.Memory.TermAt(next)
                ?? throw new Violation("Leader Completeness", $"leader {leader} committed entry {next}, which its log does not hold");
            _committed.Add((entryTerm, term));
        }
    }

    private void Hold(Witness node, EntriesAppended appended)
    {
        foreach (var entry in appended.Entries)
        {
            var key = (entry.Index.Value, entry.Term.Value);
            _holders.TryGetValue(key, out var holders);
            _holders[key] = holders | (1UL << node.HolderBit);
        }
    }

    private int HolderBit(NodeId id, Incarnation incarnation)
    {
        if (_holderBits.TryGetValue((id, incarnation), out var bit))
            return bit;
        if (_holderBits.Count == 64)
            throw new InvalidOperationException("The books follow at most 64 lives of data in one schedule.");
        return _holderBits[(id, incarnation)] = _holderBits.Count;
    }
}
