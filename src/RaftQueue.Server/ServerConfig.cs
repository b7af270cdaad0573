using Akka.Configuration;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Server;

/// <summary>What the files and the environment say together.</summary>
internal static class ServerConfig
{
    /// <summary>What the server adds to the node's own defaults.</summary>
    public static Config Defaults { get; } = ConfigurationFactory.FromResource("RaftQueue.Server.reference.conf", typeof(ServerConfig).Assembly);

    /// <summary>Reads the files; a later one wins over an earlier, and the environment over all.</summary>
    /// <param name="paths">HOCON files; none where the environment says everything.</param>
    /// <exception cref="RaftQueueConfigurationException">A file cannot be read, or a variable is not known.</exception>
    public static Config Read(IReadOnlyCollection<string> paths)
    {
        var environment = EnvironmentSettings.Read(Environment.GetEnvironmentVariables());
        return paths.Count > 0 ? environment.WithFallback(HoconFile.Load(paths)) : environment;
    }
}
