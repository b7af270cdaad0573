using System.Collections.Immutable;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;

namespace RaftQueue.Node.Backups;

/// <summary>
/// The records of a journal that begins with the log of a backup, and goes on with the one member of the new incarnation. The old members
/// stay behind: their votes are for a log that ends elsewhere. So does the old term, which may have been driven to the largest that there
/// is: no vote of it counts here, so the new incarnation begins in the term after that of its last entry.
/// </summary>
internal static class RestoredLog
{
    /// <summary>More than any record of these has: one of the largest commands may come on top of a full one.</summary>
    public const int LargestRecord = 2 * MaxBytesPerRecord;

    private const int MaxBytesPerRecord = 1024 * 1024;

    /// <summary>The records, one after the other; only one of them is in memory at a time.</summary>
    /// <param name="memory">What the backup remembers, without entries.</param>
    /// <param name="parts">The log after its snapshot.</param>
    /// <param name="member">Who restores it.</param>
    /// <param name="now">The wall clock.</param>
    /// <exception cref="BackupException">The log has a gap.</exception>
    public static IEnumerable<byte[]> Of(MemoryCheckpoint memory, IEnumerable<ImmutableArray<Entry>> parts, Member member, LogTime now)
    {
        var number = 0L;
        var (last, term, stamp) = (memory.Snapshot.LastIncludedIndex, memory.Snapshot.LastIncludedTerm, memory.Snapshot.Stamp);
        List<IRaftEvent> beginning = [new Bootstrapped(Configuration.Empty), new Voted(term, null)];
        if (last > LogIndex.Zero)
            beginning.Add(new SnapshotInstalled(memory.Snapshot));
        yield return JournalCodec.Encode(++number, [.. beginning]);

        foreach (var entries in parts)
        {
            if (entries[0].Index != last.Next)
            {
                throw new BackupException(
                    $"The log in the backup goes from index {last} to {entries[0].Index}; what lies between is missing. Take another backup.");
            }

            (last, term, stamp) = (entries[^1].Index, entries[^1].Term, entries[^1].Stamp);
            yield return JournalCodec.Encode(++number, [new Voted(term, null), new EntriesAppended(entries)]);
        }

        // A backup may be old. Whoever restores it wants log time to continue from today.
        var configuration = ConfigurationCodec.Encode(new Configuration([member]));
        var members = new Entry(last.Next, term.Next, LogTime.Max(stamp, now), EntryKind.Configuration, configuration);
        yield return JournalCodec.Encode(++number, [new Voted(members.Term, null), new EntriesAppended([members])]);
    }

    /// <summary>Entries in parts that each make a record.</summary>
    public static IEnumerable<ImmutableArray<Entry>> Parts(ImmutableArray<Entry> entries)
    {
        var part = ImmutableArray.CreateBuilder<Entry>();
        long bytes = 0;
        foreach (var entry in entries)
        {
            if (part.Count > 0 && bytes + entry.Weight > MaxBytesPerRecord)
            {
                yield return part.DrainToImmutable();
                bytes = 0;
            }

            part.Add(entry);
            bytes += entry.Weight;
        }

        if (part.Count > 0)
            yield return part.DrainToImmutable();
    }

    /// <summary>A part as a file of a backup.</summary>
    public static byte[] EncodePart(int part, ImmutableArray<Entry> entries) => JournalCodec.Encode(part, [new EntriesAppended(entries)]);

    /// <summary>What <see cref="EncodePart"/> encoded.</summary>
    /// <exception cref="DamagedRecordException">It is not as it was written.</exception>
    public static ImmutableArray<Entry> DecodePart(int part, byte[] bytes) => JournalCodec.Decode(bytes) switch
    {
        (var number, [EntriesAppended { Entries: { IsEmpty: false } entries }]) when number == part => entries,
        (var number, _) => throw new DamagedRecordException(number, $"Part {part} of the log in the backup holds something else."),
    };
}
