using System.Collections;
using System.Text.RegularExpressions;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Server;

/// <summary>
/// Settings from environment variables, for containers: one variable a setting, by a fixed list. They win over the files. A setting that is
/// refused later is named with its variable. Variables that orchestrators make of the names of services are passed over.
/// </summary>
internal static partial class EnvironmentSettings
{
    private const string Prefix = "RAFTQUEUE_";

    private static readonly Dictionary<string, (string Path, bool IsList)> Known = new()
    {
        ["RAFTQUEUE_NODE"] = ("raftqueue.node", false),
        ["RAFTQUEUE_MEMBERS"] = ("raftqueue.members", true),
        ["RAFTQUEUE_GROUPS"] = ("raftqueue.groups", false),
        ["RAFTQUEUE_DATA"] = ("raftqueue.storage.data-directory", false),
        ["RAFTQUEUE_STORAGE"] = ("raftqueue.storage.provider", false),
        ["RAFTQUEUE_POSTGRES"] = ("raftqueue.storage.postgres.connection-string", false),
        ["RAFTQUEUE_HOSTNAME"] = ("akka.remote.dot-netty.tcp.hostname", false),
        ["RAFTQUEUE_PUBLIC_HOSTNAME"] = ("akka.remote.dot-netty.tcp.public-hostname", false),
        ["RAFTQUEUE_PORT"] = ("akka.remote.dot-netty.tcp.port", false),
        ["RAFTQUEUE_SEEDS"] = ("akka.cluster.seed-nodes", true),
    };

    /// <summary>Reads the variables that are set.</summary>
    /// <param name="environment">The environment, as <see cref="Environment.GetEnvironmentVariables()"/> gives it.</param>
    /// <exception cref="RaftQueueConfigurationException">
    /// A variable begins with RAFTQUEUE_, is not known, and is none that an orchestrator makes; or it is known, and empty.
    /// </exception>
    public static Config Read(IDictionary environment)
    {
        var settings = Config.Empty;
        foreach (DictionaryEntry variable in environment)
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value ?? "");
            if (name.StartsWith(Prefix, StringComparison.Ordinal) && !IsOfOrchestrator(name, value))
                settings = settings.WithFallback(Setting(name, value));
        }

        return settings;
    }

    // Kubernetes does so for every service of its namespace, and Docker for links: RAFTQUEUE_SERVICE_HOST,
    // RAFTQUEUE_PORT=tcp://10.0.0.1:7001, RAFTQUEUE_PORT_7001_TCP_ADDR for a service "raftqueue", RAFTQUEUE_N1_PORT and so on for one
    // "raftqueue-n1".
    private static bool IsOfOrchestrator(string name, string value) =>
        ServiceName().IsMatch(name)
        || (name.EndsWith("_PORT", StringComparison.Ordinal) && ServiceAddress().IsMatch(value))
        || (name.EndsWith("_NAME", StringComparison.Ordinal) && value.StartsWith('/'));

    private static Config Setting(string name, string value)
    {
        if (!Known.TryGetValue(name, out var setting))
        {
            var meant = Nearest.Of(name, Known.Keys);
            var hint = meant is null ? $"known are {string.Join(", ", Known.Keys)}." : $"did you mean {meant}?";
            throw new RaftQueueConfigurationException(name, $"is not a known variable; {hint}");
        }

        if (!setting.IsList && string.IsNullOrWhiteSpace(value))
            throw new RaftQueueConfigurationException(name, $"is empty. Give it a value for {setting.Path}, or do not set it.");
        var config = ConfigurationFactory.ParseString($"{setting.Path} = {(setting.IsList ? List(value) : Quote(value))}");
        SettingOrigins.Write(config.Root, [(setting.Path, name)]);
        return config;
    }

    private static string List(string value) =>
        $"[{string.Join(", ", value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Quote))}]";

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";

    [GeneratedRegex(@"^RAFTQUEUE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z_]+)?|ENV_.*)$")]
    private static partial Regex ServiceName();

    [GeneratedRegex("^(tcp|udp|sctp)://")]
    private static partial Regex ServiceAddress();
}
