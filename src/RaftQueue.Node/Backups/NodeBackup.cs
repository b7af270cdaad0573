using System.Data.Common;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Core.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Backups;

/// <summary>
/// Copies what a node has stored into one file, while the node runs. It reads the node's database beside the node, so it runs where that can be reached: with SQLite on
/// the same machine.
/// </summary>
public static class NodeBackup
{
    private const int MaxAttempts = 20;

    /// <summary>Writes a backup of all groups of a node.</summary>
    /// <param name="settings">The node's settings.</param>
    /// <param name="committed">
    /// For each group an index that is committed on this node: the log is copied through it. Everything that was confirmed before is in the backup if it is at least the
    /// leader's commit index of then. Null for a node that does not run: its whole log is copied.
    /// </param>
    /// <param name="file">The file, which must not exist.</param>
    /// <returns>What is in it.</returns>
    /// <exception cref="BackupException">There is nothing to copy, or the file exists.</exception>
    /// <exception cref="StorageException">The database cannot be read, or something in it is damaged.</exception>
    public static BackupContents Take(RaftQueueSettings settings, IReadOnlyList<LogIndex>? committed, string file)
    {
        RefuseIfNothingIsThere(settings);
        var database = NodeStorage.DatabaseOf(settings.Storage, settings.Node.Value);
        try
        {
            using var backup = new BackupWriter(file);
            var groups = Enumerable.Range(0, settings.Groups)
                .Select(group => Copy(backup, database, settings.Node, new GroupId(group), committed?[group]))
                .ToList();
            var contents = new BackupContents(BackupContents.CurrentFormat, settings.Node.Value, DateTimeOffset.UtcNow, groups);
            backup.Finish(contents);
            return contents;
        }
        catch (Exception problem) when (problem is DbException or DamagedRecordException or InvariantViolation or DamagedSnapshotException)
        {
            throw new StorageException($"{database.Description} cannot be copied: {Trouble.WithRemedy(problem)}", problem);
        }
        finally
        {
            database.ReleaseConnections();
        }
    }

    private static void RefuseIfNothingIsThere(RaftQueueSettings settings)
    {
        var directory = Path.GetFullPath(settings.Storage.DataDirectory);
        if (settings.Storage.Provider == StorageProvider.Sqlite && !File.Exists(Path.Combine(directory, settings.Storage.Sqlite.JournalFile)))
            throw new BackupException($"There is no journal in {directory}: run this where node {settings.Node} runs, with its own files.");
    }

    private static BackupGroup Copy(BackupWriter backup, IDatabase database, NodeId node, GroupId group, LogIndex? committed)
    {
        using var replica = View(database, node, group);
        var (memory, snapshot) = (replica.Memory, replica.Memory.Log.Snapshot);
        // A snapshot covers what is committed, by whatever has happened since the index was asked for.
        var through = LogIndex.Max(committed ?? memory.Log.LastIndex, snapshot.LastIncludedIndex);
        if (memory.Log.LastIndex < through)
            throw new BackupException($"Node {node} has the log of group {group} through {memory.Log.LastIndex} only, not through {through}.");
        var entries = memory.Log.Range(snapshot.LastIncludedIndex.Next, through);
        List<BackupFile> files = [AddMemory(backup, group, memory, snapshot)];
        foreach (var part in RestoredLog.Parts(entries))
            files.Add(backup.Add(BackupNames.Log(group, files.Count), RestoredLog.EncodePart(files.Count, part)));
        if (replica.HasSnapshot)
            files.AddRange(AddSnapshot(backup, group, replica));
        var members = memory.Log.Configuration.Members.Select(member => member.Id.Value);
        return new BackupGroup(group.Value, [.. members], through.Value, files, memory.Log.TermAt(through)!.Value.Value);
    }

    private static StoredReplica View(IDatabase database, NodeId node, GroupId group)
    {
        for (var attempt = 1; ; attempt++)
        {
            var replica = new StoredReplica(database, node, group);
            if (replica.HasItsSnapshot)
                return replica;
            replica.Dispose();
            if (attempt == MaxAttempts)
                throw new BackupException($"The snapshots of group {group} change faster than they can be copied, in {MaxAttempts} attempts. Try again.");
        }
    }

    private static BackupFile AddMemory(BackupWriter backup, GroupId group, Memory memory, SnapshotMeta snapshot)
    {
        var checkpoint = new MemoryCheckpoint(
            memory.CurrentTerm, VotedFor: null, snapshot, snapshot.LastIncludedIndex, snapshot.LastIncludedTerm, []);
        return backup.Add(BackupNames.Memory(group), JournalCodec.EncodeCheckpoint(checkpoint));
    }

    private static IEnumerable<BackupFile> AddSnapshot(BackupWriter backup, GroupId group, StoredReplica replica)
    {
        var manifest = replica.ReadManifest();
        yield return backup.Add(BackupNames.Manifest(group), manifest.Span);
        foreach (var name in SnapshotManifest.PieceNames(manifest))
            yield return backup.Add(BackupNames.Piece(group, name), replica.ReadPiece(manifest, name).Span);
    }
}
