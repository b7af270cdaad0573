using System.Text.Json;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The folder of one node: its identity, its lock, and with SQLite its two databases. It is held from <see cref="Open"/> until it is
/// disposed of; the operating system frees it when the process dies, however it dies.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private const string IdentityFile = "identity";
    private const string LockFile = "lock";
    private const string RestoringFile = "restoring";

    private readonly FileStream held;

    private DataDirectory(string path, FileStream held, NodeIdentity identity, bool isNew)
    {
        Path = path;
        this.held = held;
        Identity = identity;
        IsNew = isNew;
    }

    /// <summary>The full path of the directory.</summary>
    public string Path { get; }

    /// <summary>
    /// The life of this data, drawn when it was created. A node whose data was wiped has a fresh one, and must not vote under the old.
    /// </summary>
    public Guid Incarnation => Identity.Incarnation;

    /// <summary>The name of the node that owns the directory.</summary>
    public string Node => Identity.Node;

    internal NodeIdentity Identity { get; private set; }

    /// <summary>Whether the identity was drawn by this <see cref="Open"/>.</summary>
    internal bool IsNew { get; }

    /// <summary>The full path of a file in the directory.</summary>
    public string PathOf(string fileName) => System.IO.Path.Combine(Path, fileName);

    /// <summary>Opens the directory for <paramref name="node"/>, and creates it with a fresh incarnation where there is none.</summary>
    /// <exception cref="DataDirectoryException">
    /// It cannot be written, belongs to another node, has an unreadable or newer identity, or is held by a live process.
    /// </exception>
    public static DataDirectory Open(string path, string node)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(node);
        var directory = System.IO.Path.GetFullPath(path);
        FileStream? held = null;
        try
        {
            RestrictedFiles.CreateFolder(directory);
            held = Hold(directory);
            if (File.Exists(System.IO.Path.Combine(directory, RestoringFile)))
            {
                throw new DataDirectoryException(
                    directory, "a restore into it was interrupted, and only a part of the backup is there. Empty it, and restore the backup again.");
            }

            return Identify(directory, held, node);
        }
        catch (Exception error)
        {
            held?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new DataDirectoryException(
                    directory, $"it cannot be written ({error.Message}) Check the path and its permissions.", error);
            }
            throw;
        }
    }

    /// <summary>Frees the directory for another process.</summary>
    public void Dispose() => held.Dispose();

    /// <summary>Compares what may never change with what the data was made with, and writes down what is not known yet.</summary>
    /// <exception cref="DataDirectoryException">A setting differs.</exception>
    internal void Fix(FixedSettings configured)
    {
        if (Identity.Fixed.Objection(configured) is { } objection)
            throw new DataDirectoryException(Path, objection);
        var complete = Identity.Fixed.CompletedBy(configured);
        if (complete != Identity.Fixed)
            Adopt(Identity with { Groups = complete.Groups, System = complete.System, Storage = complete.Storage });
    }

    /// <summary>Gives the data a new life: what it was before is gone.</summary>
    internal void BeginFreshIncarnation() => Adopt(Identity with { Incarnation = Guid.NewGuid() });

    /// <summary>
    /// Gives the node a new life, and moves these files and the old identity into a folder beside them. The new life comes first: a crash in between leaves a
    /// pair of identity and journal that does not fit, which no node starts with.
    /// </summary>
    /// <param name="path">The data directory; it is made where there is none.</param>
    /// <param name="node">Whose it is.</param>
    /// <param name="folder">The name of the folder.</param>
    /// <param name="files">What to move, as far as it is there.</param>
    /// <exception cref="DataDirectoryException">It cannot be written, belongs to another node, or is held by a live process.</exception>
    internal static void SetAside(string path, string node, string folder, IEnumerable<string> files)
    {
        var directory = System.IO.Path.GetFullPath(path);
        try
        {
            RestrictedFiles.CreateFolder(directory);
            using var held = Hold(directory);
            var identity = System.IO.Path.Combine(directory, IdentityFile);
            RefuseIfAnothers(directory, identity, node);
            var aside = RestrictedFiles.CreateFolder(System.IO.Path.Combine(directory, folder)).FullName;
            if (File.Exists(identity))
                DurableFile.Write(System.IO.Path.Combine(aside, IdentityFile), File.ReadAllBytes(identity));
            DurableFile.Write(identity, (NodeIdentity.Fresh(node) with { Rejoins = true }).ToUtf8());
            foreach (var file in files.Append(RestoringFile).Where(file => File.Exists(System.IO.Path.Combine(directory, file))))
                File.Move(System.IO.Path.Combine(directory, file), System.IO.Path.Combine(aside, file));
            DurableFile.SyncDirectory(aside);
            DurableFile.SyncDirectory(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataDirectoryException(directory, $"it cannot be written ({error.Message}) Check the path and its permissions.", error);
        }
    }

    // An identity that cannot be read is a part of the damage, and no reason to keep it.
    /// <summary>Whoever wants to move the data away must not find a node at work there.</summary>
    /// <exception cref="DataDirectoryException">It is in use.</exception>
    internal static void RefuseIfInUse(string path)
    {
        var directory = System.IO.Path.GetFullPath(path);
        if (Directory.Exists(directory))
            Hold(directory).Dispose();
    }

    private static void RefuseIfAnothers(string directory, string identity, string node)
    {
        try
        {
            if (File.Exists(identity) && NodeIdentity.Parse(File.ReadAllBytes(identity)).Node is var owner && owner != node)
                throw new DataDirectoryException(directory, $"it belongs to node \"{owner}\", not to \"{node}\".");
        }
        catch (JsonException)
        {
            // Nobody can say whose it is; the configuration does.
        }
    }

    internal void Adopt(NodeIdentity identity)
    {
        DurableFile.Write(PathOf(IdentityFile), identity.ToUtf8());
        Identity = identity;
    }

    /// <summary>From now on nobody opens the directory, until <see cref="EndRestore"/>.</summary>
    internal void BeginRestore() => DurableFile.Write(PathOf(RestoringFile), []);

    /// <summary>All is restored.</summary>
    internal void EndRestore()
    {
        File.Delete(PathOf(RestoringFile));
        DurableFile.SyncDirectory(Path);
    }

    private static FileStream Hold(string directory)
    {
        var file = System.IO.Path.Combine(directory, LockFile);
        try
        {
            return RestrictedFiles.Open(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (IsLocked(error))
        {
            throw new DataDirectoryException(
                directory, "it is in use by another node process. Stop that one first, or give this node a directory of its own.", error);
        }
    }

    // EWOULDBLOCK on Linux and macOS, ERROR_SHARING_VIOLATION on Windows.
    private static bool IsLocked(IOException error) => (error.HResult & 0xFFFF) is 11 or 35 or 32;

    private static DataDirectory Identify(string directory, FileStream held, string node)
    {
        var file = System.IO.Path.Combine(directory, IdentityFile);
        if (!File.Exists(file))
        {
            var fresh = NodeIdentity.Fresh(node);
            DurableFile.Write(file, fresh.ToUtf8());
            return new DataDirectory(directory, held, fresh, isNew: true);
        }
        var identity = Read(directory, file);
        if (identity.FormatVersion > NodeIdentity.CurrentFormat)
        {
            throw new DataDirectoryException(
                directory,
                $"its format is {identity.FormatVersion}, this program knows up to {NodeIdentity.CurrentFormat}. Run a newer version.");
        }
        return identity.Node == node
            ? new DataDirectory(directory, held, identity, isNew: false)
            : throw new DataDirectoryException(
                directory,
                $"it belongs to node \"{identity.Node}\", not to \"{node}\". " +
                "Set raftqueue.storage.data-directory to this node's own.");
    }

    private static NodeIdentity Read(string directory, string file)
    {
        try
        {
            return NodeIdentity.Parse(File.ReadAllBytes(file));
        }
        catch (JsonException error)
        {
            throw new DataDirectoryException(
                directory,
                $"its identity file cannot be read ({error.Message}) " +
                "Restore the file, or fetch a clean copy of all from the other nodes: run the server's verb repair.",
                error);
        }
    }
}
