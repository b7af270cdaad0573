using System.Data.Common;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Persistence.Sql.Config;
using RaftQueue.Contracts.Hocon;

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

    private NodeStorage(DataDirectory directory, IDatabase database)
    {
        this.directory = directory;
        this.database = database;
    }

    /// <summary>
    /// The life of this node's data. It changes when the data is lost, the directory or the journal; a node may not vote under a life it
    /// cannot remember.
    /// </summary>
    public Guid Incarnation => directory.Incarnation;

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
            IDatabase database = settings.Provider switch
            {
                StorageProvider.Sqlite => new SqliteDatabase(settings, directory),
                StorageProvider.Postgres => new PostgresDatabase(settings, node),
                _ => throw new ArgumentOutOfRangeException(nameof(settings), settings.Provider, "No such storage provider."),
            };
            Reconcile(directory, database);
            return new NodeStorage(directory, database);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Adds the set-up of the plugins to that of an actor system. What is in it for other plugins stays.</summary>
    public ActorSystemSetup AddTo(ActorSystemSetup setup)
    {
        var options = setup.Get<MultiDataOptionsSetup>().GetOrElse(new MultiDataOptionsSetup());
        database.Configure(options);
        return setup.And(options);
    }

    /// <summary>Closes the databases and frees the directory.</summary>
    public void Dispose()
    {
        database.ReleaseConnections();
        directory.Dispose();
    }

    private static void Reconcile(DataDirectory directory, IDatabase database)
    {
        try
        {
            JournalOwner.Reconcile(directory, database);
        }
        catch (Exception error) when (error is DbException or FormatException)
        {
            throw new StorageException($"Cannot open {database.Description}: {error.Message}", error);
        }
    }
}
