using Akka.Configuration;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;

namespace RaftQueue.Contracts.Tls;

/// <summary>Everything under <c>raftqueue.tls</c>. Defaults and reasons are in the <c>reference.conf</c> beside this file.</summary>
/// <param name="IsEnabled">Whether connections are TLS.</param>
/// <param name="Authorities">The PEM file of the authorities that are trusted.</param>
/// <param name="Certificate">The PEM file of this program's certificate.</param>
/// <param name="Key">The PEM file of its private key.</param>
/// <param name="ChecksInboundAddress">Whether a node's certificate must be for the address it connects from.</param>
/// <param name="Host">Where others reach this program, if it is a node; null for a client.</param>
internal sealed record TlsSettings(bool IsEnabled, string Authorities, string Certificate, string Key, bool ChecksInboundAddress, string? Host)
{
    /// <summary>The path of the section.</summary>
    public const string Section = "raftqueue.tls";

    private const string EncryptedScheme = "akka.ssl.tcp://";

    /// <summary>The defaults, as embedded with the assembly.</summary>
    public static Config DefaultConfig { get; } = ConfigurationFactory.FromResource<TlsSettings>("RaftQueue.Contracts.Tls.reference.conf");

    /// <summary>Reads <c>raftqueue.tls</c> out of a whole configuration, of a node or of a client.</summary>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown or ill-typed.</exception>
    public static TlsSettings Read(Config config)
    {
        var keys = SettingsReader.Open(config, DefaultConfig, Section);
        var (directory, node) = (keys.Text("directory"), TextAt(config, "raftqueue.node"));
        var owner = node ?? "client";
        return new TlsSettings(
            keys.Flag("enabled"),
            Path.Combine(directory, keys.Text("ca")),
            Path.Combine(directory, keys.TextOrEmpty("certificate") is { Length: > 0 } certificate ? certificate : $"{owner}.pem"),
            Path.Combine(directory, keys.TextOrEmpty("key") is { Length: > 0 } key ? key : $"{owner}.key"),
            keys.Flag("check-inbound-address"),
            node is null ? null : HostOf(config));
    }

    /// <summary>A node's or a client's configuration, completed by what TLS needs; as it was, where TLS is off.</summary>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown or ill-typed, or a certificate cannot be used.</exception>
    public static Config Complete(Config config)
    {
        var settings = Read(config);
        if (!settings.IsEnabled)
            return config;
        _ = TlsCertificates.Load(settings); // what cannot be used is refused now, and not by a connection that fails later
        var seeds = config.HasPath("akka.cluster.seed-nodes") ? config.GetStringList("akka.cluster.seed-nodes") : [];
        var overlay = $"{TransportSettings.Section}.enable-ssl = on";
        if (seeds.Count > 0)
            overlay += $"\nakka.cluster.seed-nodes = [{string.Join(", ", seeds.Select(Quoted))}]";
        return ConfigurationFactory.ParseString(overlay).WithFallback(config);
    }

    /// <summary>The address of a node, as it is called where connections are TLS: the same file serves with TLS and without.</summary>
    public static string Encrypted(string address) => address.Replace("akka.tcp://", EncryptedScheme, StringComparison.Ordinal);

    /// <summary>Whether an address is one where connections are TLS.</summary>
    public static bool IsEncrypted(string address) => address.StartsWith(EncryptedScheme, StringComparison.Ordinal);

    private static string? HostOf(Config config) =>
        (TextAt(config, $"{TransportSettings.Section}.public-hostname") ?? TextAt(config, $"{TransportSettings.Section}.hostname")) is { } host
            ? HostName.Unbracketed(host)
            : null;

    private static string Quoted(string seed) => $"\"{Encrypted(seed)}\"";

    private static string? TextAt(Config config, string path) => config.HasPath(path) && config.GetString(path) is { Length: > 0 } text ? text : null;
}
