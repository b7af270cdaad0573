using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Node.Backups;

/// <summary>
/// The records of a journal that begins with the log of a backup, and goes on with the one member of the new incarnation. The old members stay behind: their votes
/// are for a log that ends elsewhere. So does the old term, which may have been driven to the largest that there is: no vote of it counts here, so the new incarnation
/// begins in the term after that of its last entry.
/// </summary>
internal static class RestoredLog
{
    private const long MaxBytesPerRecord = 1024 * 1024;

    public static ImmutableArray<byte[]> Of(MemoryCheckpoint memory, Member member, LogTime now)
    {
        var records = ImmutableArray.CreateBuilder<byte[]>();
        var term = (memory.Entries is [.., var last] ? last.Term : memory.Snapshot.LastIncludedTerm).Next;
        List<IRaftEvent> beginning = [new Bootstrapped(Configuration.Empty), new Voted(term, null)];
        if (memory.Snapshot.LastIncludedIndex > LogIndex.Zero)
            beginning.Add(new SnapshotInstalled(memory.Snapshot));
        Add(records, [.. beginning]);
        foreach (var entries in Batches(memory.Entries.Add(NewMembers(memory, member, term, now))))
            Add(records, [new EntriesAppended(entries)]);
        return records.ToImmutable();
    }

    private static Entry NewMembers(MemoryCheckpoint memory, Member member, Term term, LogTime now)
    {
        var (index, stamp) = memory.Entries is [.., var last] ? (last.Index, last.Stamp) : (memory.Snapshot.LastIncludedIndex, memory.Snapshot.Stamp);
        // A backup may be old. Whoever restores it wants log time to continue from today.
        return new Entry(index.Next, term, LogTime.Max(stamp, now), EntryKind.Configuration, ConfigurationCodec.Encode(new Configuration([member])));
    }

    private static IEnumerable<ImmutableArray<Entry>> Batches(ImmutableArray<Entry> entries)
    {
        var batch = ImmutableArray.CreateBuilder<Entry>();
        long bytes = 0;
        foreach (var entry in entries)
        {
            if (batch.Count > 0 && bytes + entry.Weight > MaxBytesPerRecord)
            {
                yield return batch.DrainToImmutable();
                bytes = 0;
            }

            batch.Add(entry);
            bytes += entry.Weight;
        }

        yield return batch.DrainToImmutable();
    }

    private static void Add(ImmutableArray<byte[]>.Builder records, ImmutableArray<IRaftEvent> events) =>
        records.Add(JournalCodec.Encode(records.Count + 1, events));
}
