using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Hosting;
using Akka.Persistence.Sql.Config;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Tls;
using RaftQueue.Node.Diagnostics;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node;

/// <summary>Embeds a node in an application that builds its actor system with Akka.Hosting.</summary>
public static class RaftQueueHosting
{
    /// <summary>
    /// Runs a RaftQueue node within the application's actor system, which becomes a node of an Akka cluster.
    /// </summary>
    /// <param name="builder">The application's builder.</param>
    /// <param name="config">The node's configuration, as for <see cref="RaftQueueNode.Start"/>.</param>
    /// <exception cref="RaftQueueConfigurationException">A setting cannot be used.</exception>
    /// <exception cref="DataDirectoryException">The data directory is another's, in use, or cannot be written.</exception>
    public static AkkaConfigurationBuilder WithRaftQueue(this AkkaConfigurationBuilder builder, Config config)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(config);
        var settings = RaftQueueSettings.Create(config);
        var storage = NodeStorage.Open(settings.Storage, settings.Node.Value);
        try
        {
            storage.Fix(settings.Groups, system: null); // its name is compared once the system is there
        }
        catch
        {
            storage.Dispose();
            throw;
        }

        var setup = storage.AddTo(ActorSystemSetup.Empty);
        // What is said here goes before the application's other settings; what a node takes for granted goes after them.
        builder.AddHocon(TlsSettings.Complete(config), HoconAddMode.Prepend);
        builder.AddHocon(RaftQueueNode.Configure(Config.Empty, storage), HoconAddMode.Append);
        Add<MultiDataOptionsSetup>(builder, setup);
        Add<SqliteSetup>(builder, setup);
        builder.AddSetup(AkkaLogFilter.Setup);
        return builder.AddStartup((system, registry) => registry.Register<RaftQueueNode>(RaftQueueNode.Join(system, settings, storage).Root));
    }

    private static void Add<TSetup>(AkkaConfigurationBuilder builder, ActorSystemSetup setup)
        where TSetup : Setup
    {
        if (setup.Get<TSetup>() is { HasValue: true, Value: var part })
            builder.AddSetup(part);
    }
}
