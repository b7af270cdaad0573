using Akka.Cluster;
using Akka.Configuration;
using Akka.Persistence;
using RaftQueue.Contracts;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Hocon;
using RaftQueue.Contracts.Remoting;
using RaftQueue.Node.Queue;
using RaftQueue.Node.Raft;
using RaftQueue.Node.Storage;

namespace RaftQueue.Node;

/// <summary>
/// Everything under <c>raftqueue</c> but the client's part, parsed once. Defaults, units and reasons are in the <c>reference.conf</c> files beside the
/// code that reads them.
/// </summary>
public sealed class RaftQueueSettings
{
    private const string Section = "raftqueue";

    private RaftQueueSettings(SettingsReader keys, StorageSettings storage)
    {
        Node = ReadNode(keys, "node", keys.Text("node"));
        Members = [.. keys.Texts("members").Select(member => ReadNode(keys, "members", member))];
        Groups = keys.Whole("groups", 1, 64);
        MinRestartBackoff = keys.Duration("restart-backoff.min");
        MaxRestartBackoff = keys.Duration("restart-backoff.max");
        Storage = storage;
        Raft = RaftSettings.Read(keys, Members);
        Queue = QueueSettings.Read(keys);
        if (Members.Count > Bounds.MaxMembers)
            throw keys.Refuse("members", $"names {Members.Count} nodes; a group has at most {Bounds.MaxMembers} members.");
        if (Members.Distinct().Count() != Members.Count)
            throw keys.Refuse("members", "names a node twice.");
    }

    /// <summary>The defaults, as embedded with the assembly.</summary>
    public static Config DefaultConfig { get; } =
        ConfigurationFactory.FromResource<RaftQueueSettings>("RaftQueue.Node.reference.conf").WithFallback(StorageSettings.DefaultConfig);

    /// <summary>The defaults of Akka and of our transport, as far as a node uses them.</summary>
    internal static Config AkkaDefaults { get; } = SocketTransport.Default
        .WithFallback(AkkaKeys.OfRemoting)
        .WithFallback(ConfigurationFactory.FromResource<Cluster>("Akka.Cluster.Configuration.Cluster.conf"))
        .WithFallback(Persistence.DefaultConfig());

    /// <summary>The name of this node.</summary>
    public NodeId Node { get; }

    /// <summary>The first members of a cluster that is formed; empty for a node that waits to be added to one.</summary>
    public IReadOnlyList<NodeId> Members { get; }

    /// <summary>How many Raft groups there are.</summary>
    public int Groups { get; }

    /// <summary>Where the data lies.</summary>
    public StorageSettings Storage { get; }

    internal TimeSpan MinRestartBackoff { get; }

    internal TimeSpan MaxRestartBackoff { get; }

    // Tests run programs of another version.
    internal RaftSettings Raft { get; set; }

    internal QueueSettings Queue { get; }

    /// <summary>
    /// Reads <c>raftqueue</c> out of a whole configuration; what it leaves out takes the default. What the configuration says of Akka's
    /// remoting and cluster is checked too.
    /// </summary>
    /// <exception cref="RaftQueueConfigurationException">A key is unknown, ill-typed or out of its bounds.</exception>
    public static RaftQueueSettings Create(Config config)
    {
        ArgumentNullException.ThrowIfNull(config);
        AkkaKeys.Check(config, AkkaDefaults);
        var keys = SettingsReader.Open(config, DefaultConfig, Section, "client", "tls");
        var settings = new RaftQueueSettings(keys, StorageSettings.Create(config));
        _ = ListeningAddress.Of(config); // a value that cannot be used is refused before anything is opened
        CheckSeeds(config);
        return settings;
    }

    private static void CheckSeeds(Config config)
    {
        const string path = "akka.cluster.seed-nodes";
        if (config.IsEmpty || !config.HasPath(path))
            return;
        foreach (var seed in config.GetStringList(path))
        {
            if (!HostAndPort.TryParseAkka(seed, out _, out var problem))
            {
                throw new RaftQueueConfigurationException(
                    path,
                    SettingOrigins.Of(config, path),
                    $"\"{seed}\" is not an address of a node, such as \"akka.tcp://raftqueue@10.0.0.1:7001\": {problem}.");
            }
        }
    }

    private static NodeId ReadNode(SettingsReader keys, string key, string name) => NodeId.IsValid(name)
        ? new NodeId(name)
        : throw keys.Refuse(key, $"\"{name}\" is not a node name: 1 to {NodeId.MaxLength} characters of a-z A-Z 0-9 . _ -");
}
