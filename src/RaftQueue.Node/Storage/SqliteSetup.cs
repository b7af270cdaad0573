using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Microsoft.Data.Sqlite;

namespace RaftQueue.Node.Storage;

/// <summary>How the plugins' own connections are opened: HOCON cannot express it.</summary>
internal sealed class SqliteSetup(Func<SqliteConnection> openJournal, Func<SqliteConnection> openSnapshots) : Setup
{
    public Func<SqliteConnection> OpenJournal { get; } = openJournal;

    public Func<SqliteConnection> OpenSnapshots { get; } = openSnapshots;

    /// <summary>What a system was set up with.</summary>
    /// <exception cref="ConfigurationException">It was not, so the plugin that asks cannot be used in it.</exception>
    public static SqliteSetup Of(ActorSystem system, string pluginId)
    {
        var setup = system.Settings.Setup.Get<SqliteSetup>();
        return setup.HasValue
            ? setup.Value
            : throw new ConfigurationException($"{pluginId} can only be used in a system that {nameof(NodeStorage)} has set up.");
    }
}
