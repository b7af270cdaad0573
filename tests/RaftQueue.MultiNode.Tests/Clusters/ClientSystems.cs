using Akka.Configuration;

namespace RaftQueue.MultiNode.Tests.Clusters;

/// <summary>The actor system of an application, or of somebody who means no good.</summary>
internal static class ClientSystems
{
    /// <summary>Remoting on loopback, and nothing of ours.</summary>
    public static Config Config { get; } = ConfigurationFactory.ParseString("""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          actor.provider = remote
          remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0, maximum-frame-size = 1 MiB }
          coordinated-shutdown.exit-clr = off
        }
        """);
}
