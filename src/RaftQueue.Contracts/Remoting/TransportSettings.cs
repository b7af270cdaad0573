using Akka.Configuration;
using RaftQueue.Contracts.Addressing;
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
/// <param name="SendBufferLimit">The most bytes that wait to be sent, over all connections.</param>
/// <param name="MaxConnections">The most connections that others have made to us.</param>
/// <param name="MaxHandshakes">The most of these that have not said yet who they are.</param>
/// <param name="LongestHandshake">How long they have for that.</param>
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
    bool HasNoDelay,
    long SendBufferLimit,
    int MaxConnections,
    int MaxHandshakes,
    TimeSpan LongestHandshake)
{
    /// <summary>The path of the section.</summary>
    public const string Section = "akka.remote.dot-netty.tcp";

    /// <summary>Reads the section.</summary>
    /// <param name="contents">What stands in it, with its defaults.</param>
    /// <param name="whole">The configuration that it is a part of.</param>
    /// <exception cref="RaftQueueConfigurationException">A value cannot be used.</exception>
    public static TransportSettings Read(Config contents, Config whole)
    {
        var keys = SettingsReader.Of(contents, whole, Section);
        var hostname = HostOrEmpty(keys, "hostname");
        var publicHostname = HostOrEmpty(keys, "public-hostname") is { Length: > 0 } given ? given : hostname;
        if (publicHostname.Length == 0 || HostName.IsWildcard(publicHostname))
        {
            throw keys.Refuse(
                HostOrEmpty(keys, "public-hostname").Length > 0 ? "public-hostname" : "hostname",
                $"\"{publicHostname}\" stands for every address of this machine, and nobody can connect to that. "
                + "Set public-hostname to the name or the address by which the others reach this machine.");
        }

        return new TransportSettings(
            hostname,
            publicHostname,
            keys.Whole("port", 0, ushort.MaxValue),
            keys.Whole("public-port", 0, ushort.MaxValue),
            keys.Flag("enable-ssl"),
            LargestFrameOf(contents, whole),
            keys.Duration("connection-timeout"),
            keys.Whole("backlog", 1, int.MaxValue),
            BytesOrNull(keys, "send-buffer-size"),
            BytesOrNull(keys, "receive-buffer-size"),
            keys.Flag("tcp-keepalive"),
            keys.Flag("tcp-nodelay"),
            keys.Bytes("send-buffer-limit", Bounds.MinFrameBytes),
            keys.Whole("max-connections", 1, int.MaxValue),
            keys.Whole("max-handshakes", 1, int.MaxValue),
            keys.Duration("handshake-timeout"));
    }

    /// <summary>
    /// Reads the frame limit, which must hold every message that a node or a client sends: a larger one would be discarded on its way.
    /// </summary>
    /// <param name="contents">What stands in the section, with its defaults.</param>
    /// <param name="whole">The configuration that it is a part of.</param>
    /// <exception cref="RaftQueueConfigurationException">The limit is too small, or not a size.</exception>
    public static int LargestFrameOf(Config contents, Config whole)
    {
        const string key = "maximum-frame-size";
        var keys = SettingsReader.Of(contents, whole, Section);
        var bytes = keys.Bytes(key, 0, int.MaxValue);
        return bytes >= Bounds.MinFrameBytes
            ? (int)bytes
            : throw keys.Refuse(key, $"is {bytes} bytes; messages need at least {Bounds.MinFrameBytes}. Set it to 1 MiB, as on the nodes.");
    }

    private static string HostOrEmpty(SettingsReader keys, string key)
    {
        var host = keys.TextOrEmpty(key);
        return host.Length == 0 || HostName.ProblemOf(host) is not { } problem ? host : throw keys.Refuse(key, $"{problem}.");
    }

    private static int? BytesOrNull(SettingsReader keys, string key) =>
        keys.Bytes(key, 0, int.MaxValue) is > 0 and var bytes ? (int)bytes : null;
}
