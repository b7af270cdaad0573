using System.Collections;
using System.Text;
using Akka.Configuration;
using RaftQueue.Contracts.Hocon;

namespace RaftQueue.Server;

/// <summary>
/// Settings from environment variables, for containers: one variable a setting, by a fixed list. They win over the files. HOCON's own
/// <c>${?NAME}</c> would do too, but can silently empty a value that a file has set.
/// </summary>
internal static class EnvironmentSettings
{
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
    /// <exception cref="RaftQueueConfigurationException">A variable begins with RAFTQUEUE_ and is not known.</exception>
    public static Config Read(IDictionary environment)
    {
        var hocon = new StringBuilder();
        foreach (DictionaryEntry variable in environment)
        {
            var (name, value) = ((string)variable.Key, (string?)variable.Value ?? "");
            if (!name.StartsWith("RAFTQUEUE_", StringComparison.Ordinal))
                continue;
            if (!Known.TryGetValue(name, out var setting))
                throw new RaftQueueConfigurationException(name, $"is not a known variable; known are {string.Join(", ", Known.Keys)}.");
            hocon.AppendLine($"{setting.Path} = {(setting.IsList ? List(value) : Quote(value))}");
        }

        return ConfigurationFactory.ParseString(hocon.ToString());
    }

    private static string List(string value) =>
        $"[{string.Join(", ", value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Quote))}]";

    private static string Quote(string value) => $"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"";
}
