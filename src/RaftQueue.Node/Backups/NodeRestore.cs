using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Raft;
using RaftQueue.Contracts.Wire;
using RaftQueue.Core.Queue;
using RaftQueue.Node.Snapshots;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node.Backups;

/// <summary>
/// Begins a new life of a cluster from a backup: one node, which is its only member and has everything that was in the backup. The others join it as new nodes do.
/// </summary>
public static class NodeRestore
{
    /// <summary>Restores a backup into the empty storage of a node, which must not run.</summary>
    /// <param name="config">The node's configuration.</param>
    /// <param name="file">The backup.</param>
    /// <returns>What was restored.</returns>
    /// <exception cref="BackupException">The file is damaged or of another cluster, or the node's storage is not empty.</exception>
    /// <exception cref="StorageException">The database cannot be written.</exception>
    public static async Task<BackupContents> RunAsync(Config config, string file)
    {
        var settings = RaftQueueSettings.Create(config);
        using var backup = BackupReader.Open(file);
        RefuseAnothers(settings, backup.Contents, file);
        RefuseIfNotEmpty(settings);
        using var storage = NodeStorage.Open(settings.Storage, settings.Node.Value);
        if (!storage.IsEmpty)
            throw NotEmpty(settings, storage.Description);
        RefuseIfItDoesNotFit(settings, storage, backup, file);
        storage.Fix(settings.Groups, system: null);
        storage.BeginRestore(); // should this be interrupted, the node does not start with a part of the messages
        storage.WaitToBeTakenIn();
        await WriteAsync(settings, storage, backup).ConfigureAwait(false);
        storage.EndRestore();
        return backup.Contents;
    }

    private static void RefuseAnothers(RaftQueueSettings settings, BackupContents contents, string file)
    {
        if (contents.Groups.Count != settings.Groups)
            throw new BackupException($"Backup {file} has {contents.Groups.Count} groups, and node {settings.Node} is configured for {settings.Groups} (raftqueue.groups). Nothing was restored.");
        var members = contents.Groups.SelectMany(group => group.Members).Distinct().Order(StringComparer.Ordinal).ToList();
        if (!members.Contains(settings.Node.Value))
            throw new BackupException($"Backup {file} is of another cluster: its members are {string.Join(", ", members)}, and {settings.Node} (raftqueue.node) is none of them. Nothing was restored.");
    }

    private static void RefuseIfNotEmpty(RaftQueueSettings settings)
    {
        var directory = Path.GetFullPath(settings.Storage.DataDirectory);
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
            throw NotEmpty(settings, directory);
    }

    private static void RefuseIfItDoesNotFit(RaftQueueSettings settings, NodeStorage storage, BackupReader backup, string file)
    {
        if (settings.Storage.Provider != StorageProvider.Sqlite)
            return;
        var free = new DriveInfo(storage.DirectoryPath).AvailableFreeSpace;
        if (free < backup.TotalBytes)
            throw new BackupException($"Backup {file} has {backup.TotalBytes} bytes unpacked, and {storage.DirectoryPath} has room for {free}. Nothing was restored.");
    }

    private static BackupException NotEmpty(RaftQueueSettings settings, string place) =>
        new($"Node {settings.Node} has data already, in {place}. A backup is restored into an empty place only: move what is there away first. Nothing was restored.");

    private static async Task WriteAsync(RaftQueueSettings settings, NodeStorage storage, BackupReader backup)
    {
        var config = ConfigurationFactory.ParseString("""
            akka { actor.provider = local, loglevel = OFF, stdout-loglevel = OFF, coordinated-shutdown { exit-clr = off, run-by-clr-shutdown-hook = off } }
            """).WithFallback(RaftQueueSerializer.Config).WithFallback(storage.Plugins);
        var system = ActorSystem.Create("raftqueue-restore", storage.AddTo(ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(config))));
        try
        {
            var pieces = PieceStore.Of(system, settings.Storage);
            foreach (var group in backup.Contents.Groups.Select(group => new GroupId(group.Group)))
            {
                await RestoreSnapshotAsync(new SnapshotShelf(pieces, settings.Node, group), backup, group).ConfigureAwait(false);
                await RestoreMemoryAsync(system, settings.Node, new Incarnation(storage.Incarnation), backup, group).ConfigureAwait(false);
            }
        }
        finally
        {
            await system.Terminate().ConfigureAwait(false);
        }
    }

    private static async Task RestoreSnapshotAsync(SnapshotShelf shelf, BackupReader backup, GroupId group)
    {
        if (!backup.Has(BackupNames.Manifest(group)))
            return;
        var index = MemoryOf(backup, group).Snapshot.LastIncludedIndex;
        var manifest = backup.Read(BackupNames.Manifest(group));
        var names = SnapshotManifest.PieceNames(manifest);
        await shelf.NoteAsync(index, names).ConfigureAwait(false);
        foreach (var name in names)
            await shelf.SavePieceAsync(name, backup.Read(BackupNames.Piece(group, name))).ConfigureAwait(false);
        await shelf.SaveManifestAsync(index, manifest).ConfigureAwait(false);
    }

    private static async Task RestoreMemoryAsync(ActorSystem system, NodeId node, Incarnation incarnation, BackupReader backup, GroupId group)
    {
        var member = new Member(node, incarnation, MemberKind.Voter);
        var records = RestoredLog.Of(MemoryOf(backup, group), LogOf(backup, group), member, LogTime.From(DateTimeOffset.UtcNow));
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        system.ActorOf(Props.Create(() => new RestoreActor(ReplicaNames.Log(node, group), records, done)), $"group-{group}");
        try
        {
            await done.Task.ConfigureAwait(false);
        }
        catch (Exception problem)
        {
            throw new StorageException($"The log of group {group} could not be restored: {problem.Message} Empty the node's data directory before another attempt.", problem);
        }
    }

    private static IEnumerable<ImmutableArray<Entry>> LogOf(BackupReader backup, GroupId group)
    {
        for (var part = 1; backup.Has(BackupNames.Log(group, part)); part++)
            yield return RestoredLog.DecodePart(part, backup.Read(BackupNames.Log(group, part)));
    }

    private static MemoryCheckpoint MemoryOf(BackupReader backup, GroupId group) => JournalCodec.DecodeCheckpoint(backup.Read(BackupNames.Memory(group)));
}
