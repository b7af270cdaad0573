using Akka.Configuration;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Contracts.Remoting;

/// <summary>What the transport takes of <c>akka.remote.dot-netty.tcp</c>, Akka's own section, whose names and defaults it keeps.</summary>
/// <param name="Hostname">The name or address to listen at; empty for every address of the machine.</param>
/// <param name="PublicHostname">Where others reach it.</param>
/// <param name="Port">The port to listen at; 0 for one that the system chooses.</param>
/// <param name="PublicPort">Where others reach it; 0 for the port that is listened at.</param>
/// <param name="IsEncrypted">Whether connections are TLS.</param>
/// <param name="LargestFrame">The most bytes of a message with what Akka puts around it.</param>
/// <param name="ConnectTimeout">How long connecting may take.</param>
/// <param name="Backlog">How many connections may wait to be accepted.</param>
/// <param name="SendBuffer">Bytes that the system keeps for sending; null for its own measure.</param>
/// <param name="ReceiveBuffer">Bytes that the system keeps of what was received; null for its own measure.</param>
/// <param name="KeepsAlive">Whether the system probes connections on which nothing is said.</param>
/// <param name="HasNoDelay">Whether small writes leave at once.</param>
internal sealed record TransportSettings(
    string Hostname,
    string PublicHostname,
    int Port,
    int PublicPort,
    bool IsEncrypted,
    int LargestFrame,
    TimeSpan ConnectTimeout,
    int Backlog,
    int? SendBuffer,
    int? ReceiveBuffer,
    bool KeepsAlive,
    bool HasNoDelay)
{
    /// <summary>The path of the section.</summary>
    public const string Section = "akka.remote.dot-netty.tcp";

    /// <summary>Reads the section.</summary>
    /// <exception cref="RaftQueueConfigurationException">A value cannot be used.</exception>
    public static TransportSettings Read(Config config)
    {
        var hostname = config.GetString("hostname", "");
        var publicHostname = config.GetString("public-hostname", "");
        return new TransportSettings(
            hostname,
            publicHostname.Length > 0 ? publicHostname : hostname,
            config.GetInt("port"),
            config.GetInt("public-port"),
            config.GetBoolean("enable-ssl"),
            LargestFrameOf(config),
            config.GetTimeSpan("connection-timeout"),
            config.GetInt("backlog"),
            Bytes(config, "send-buffer-size"),
            Bytes(config, "receive-buffer-size"),
            config.GetBoolean("tcp-keepalive"),
            config.GetBoolean("tcp-nodelay"));
    }

    /// <summary>Reads the frame limit, which must hold every message that a node or a client sends: a larger one would be discarded on its way.</summary>
    /// <param name="config">The section.</param>
    /// <exception cref="RaftQueueConfigurationException">The limit is too small.</exception>
    public static int LargestFrameOf(Config config) => Bytes(config, "maximum-frame-size") is { } largest and >= Bounds.MinFrameBytes
        ? largest
        : throw new RaftQueueConfigurationException(
            $"{Section}.maximum-frame-size", $"is {Bytes(config, "maximum-frame-size") ?? 0} bytes; messages need at least {Bounds.MinFrameBytes}. Set it to 1 MiB, as on the nodes.");

    private static int? Bytes(Config config, string key) => config.GetByteSize(key) is { } bytes and > 0 ? checked((int)bytes) : null;
}
