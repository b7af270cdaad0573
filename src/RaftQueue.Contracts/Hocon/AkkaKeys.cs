using Akka.Configuration;
using Akka.Remote;

namespace RaftQueue.Contracts.Hocon;

/// <summary>
/// Which keys of Akka's own sections a node and a client take: those that Akka's defaults have. Only the sections that our files and
/// documents name are looked into; actors, persistence and extensions have keys of their own.
/// </summary>
internal static class AkkaKeys
{
    private static readonly Dictionary<string, KeyPolicy> s_policies = new()
    {
        ["akka"] = KeyPolicy.Extensible,
        ["akka.remote"] = KeyPolicy.Strict,
        ["akka.remote.adapters"] = KeyPolicy.Free,
        ["akka.cluster"] = KeyPolicy.Extensible,
        ["akka.cluster.failure-detector"] = KeyPolicy.Strict,
        ["akka.coordinated-shutdown"] = KeyPolicy.Strict,
        ["akka.coordinated-shutdown.phases"] = KeyPolicy.Free,
    };

    /// <summary>The defaults of Akka and of its remoting.</summary>
    public static Config OfRemoting { get; } =
        ConfigurationFactory.Default()
            .WithFallback(ConfigurationFactory.FromResource<RemoteActorRefProvider>("Akka.Remote.Configuration.Remote.conf"));

    /// <summary>Refuses misspelt sections, and what is not known in Akka's.</summary>
    /// <param name="given">A whole configuration.</param>
    /// <param name="known">Akka's defaults.</param>
    /// <exception cref="RaftQueueConfigurationException">A key is not known, or its value is of the wrong shape.</exception>
    public static void Check(Config given, Config known)
    {
        KnownKeys.CheckNames(given, "", "akka", "raftqueue");
        KnownKeys.Check(given, known, "akka", path => s_policies.TryGetValue(path, out var policy) ? policy : null);
    }
}
