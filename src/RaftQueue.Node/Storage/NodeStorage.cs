using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Core.Raft;

namespace RaftQueue.Node.Storage;

/// <summary>
/// The storage of one node, opened before its actor system: holds the data directory, and gives the configuration and the set-up with
/// which Akka.Persistence writes there.
/// </summary>
/// <remarks>Dispose of it after the actor system has terminated.</remarks>
public sealed class NodeStorage : IDisposable
{
    private readonly DataDirectory directory;
    private readonly IDatabase database;

    private NodeStorage(DataDirectory directory, IDatabase database, bool isEmpty)
    {
        this.directory = directory;
        this.database = database;
        IsEmpty = isEmpty;
    }

    /// <summary>
    /// The life of this node's data. It changes when the data is lost, the directory or the journal; a node may not vote under a life it
    /// cannot remember.
    /// </summary>
    public Guid Incarnation => directory.Incarnation;

    /// <summary>Whether nothing was ever written here.</summary>
    internal bool IsEmpty { get; }

    /// <summary>Whether the node waits to be taken in again, because what it had was set aside.</summary>
    internal bool Rejoins => directory.Identity.Rejoins;

    /// <summary>The full path of the data directory.</summary>
    public string DirectoryPath => directory.Path;

    /// <summary>Where the data lies, for people; without secrets.</summary>
    public string Description => database.Description;

    /// <summary>The persistence plugins as HOCON, complete with their defaults: a fallback for the node's configuration.</summary>
    public Config Plugins => database.Plugins;

    /// <summary>Opens the storage of <paramref name="node"/>, and creates it at the first start.</summary>
    /// <exception cref="DataDirectoryException">The directory or the journal is another's, in use, or cannot be written.</exception>
    /// <exception cref="StorageException">The database cannot be opened.</exception>
    /// <exception cref="RaftQueueConfigurationException">A database setting cannot be used.</exception>
    public static NodeStorage Open(StorageSettings settings, string node)
    {
        var directory = DataDirectory.Open(settings.DataDirectory, node);
        try
        {
            var database = DatabaseOf(settings, node);
            directory.Fix(new FixedSettings(Storage: database.Place));
            return new NodeStorage(directory, database, Reconcile(directory, database));
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Sets aside all that a node has stored, which is kept, and gives it a new life: at its next start it has nothing, forms no cluster, and waits to be taken in by the
    /// others. They take it in as a learner, and let it vote once it has caught up. The node must not run.
    /// </summary>
    /// <returns>Where the old data is now, for people.</returns>
    /// <exception cref="DataDirectoryException">The directory is another node's, in use, or cannot be written.</exception>
    /// <exception cref="StorageException">The database cannot be reached.</exception>
    public static string SetAside(StorageSettings settings, string node)
    {
        var suffix = $"set_aside_{DateTime.UtcNow:yyyyMMdd_HHmmss}";
        var database = DatabaseOf(settings, node);
        try
        {
            DataDirectory.SetAside(settings.DataDirectory, node, suffix, database.Files);
            var folder = Path.Combine(Path.GetFullPath(settings.DataDirectory), suffix);
            return database.SetAside(suffix) is { } place ? $"{folder} and {place}" : folder;
        }
        catch (DbException error)
        {
            throw new StorageException($"Cannot set {database.Description} aside: {error.Message}", error);
        }
        finally
        {
            database.ReleaseConnections();
        }
    }

    /// <summary>Makes sure that no node is at work on the data: for whoever is about to set it aside.</summary>
    /// <exception cref="DataDirectoryException">A node is.</exception>
    public static void RefuseIfInUse(StorageSettings settings) => DataDirectory.RefuseIfInUse(settings.DataDirectory);

    internal static IDatabase DatabaseOf(StorageSettings settings, string node) => settings.Provider switch
    {
        StorageProvider.Sqlite => new SqliteDatabase(settings),
        StorageProvider.Postgres => new PostgresDatabase(settings, node),
        _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Provider, "No such storage provider."),
    };

    /// <summary>
    /// Compares what may never change for a node's data with its configuration, and writes it down where that was not done yet.
    /// </summary>
    /// <exception cref="DataDirectoryException">A setting differs from what the data was made with.</exception>
    internal void Fix(int groups, string? system) => directory.Fix(new FixedSettings(groups, system));

    /// <summary>From now on the node waits to be taken in, unless its journal says otherwise.</summary>
    internal void WaitToBeTakenIn() => directory.Adopt(directory.Identity with { Rejoins = true });

    /// <summary>From now on the node does not start, until <see cref="EndRestore"/>.</summary>
    internal void BeginRestore() => directory.BeginRestore();

    /// <summary>All is restored.</summary>
    internal void EndRestore() => directory.EndRestore();

    /// <summary>Adds the set-up of the plugins to that of an actor system. What is in it for other plugins stays.</summary>
    public ActorSystemSetup AddTo(ActorSystemSetup setup) => database.AddTo(setup);

    /// <summary>Closes the databases and frees the directory.</summary>
    public void Dispose()
    {
        database.ReleaseConnections();
        directory.Dispose();
    }

    private static bool Reconcile(DataDirectory directory, IDatabase database)
    {
        try
        {
            // Whether the snapshots can be opened is better known now than when a replica waits for one.
            database.OpenSnapshots().Dispose();
            return JournalOwner.Reconcile(directory, database);
        }
        catch (Exception error) when (error is DbException or FormatException)
        {
            throw new StorageException($"Cannot open {database.Description}: {Trouble.WithRemedy(error)}", error);
        }
    }
}
