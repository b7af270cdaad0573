using System.Diagnostics;

namespace RaftQueue.Chaos.Cluster;

/// <summary>
/// Each node in a network namespace of its own, all plugged into one bridge; clients are on the bridge. Links are cut, one way or both, and made lossy by nftables inside the node's
/// namespace. Nothing leaves the machine: the bridge has no way out.
/// </summary>
public sealed class NamespacedNetwork : NodeNetwork
{
    private const int Port = 7000;
    private readonly string _id;
    private readonly string _subnet;
    private readonly int _nodes;

    private NamespacedNetwork(string id, int nodes) => (_id, _nodes, _subnet) = (id, nodes, $"10.213.{Environment.ProcessId % 250 + 1}");

    public override string Name => "namespaces";

    public override string ClientHost => $"{_subnet}.1";

    /// <summary>Makes the network. <paramref name="id"/> names all that belongs to it.</summary>
    public static NamespacedNetwork Create(string id, int nodes)
    {
        var network = new NamespacedNetwork(id, nodes);
        Shell.Run("ip", "link", "add", Bridge(id), "type", "bridge");
        Shell.Run("ip", "addr", "add", $"{network.ClientHost}/24", "dev", Bridge(id));
        Shell.Run("ip", "link", "set", Bridge(id), "up");
        for (var node = 0; node < nodes; node++)
            network.Plug(node);
        return network;
    }

    /// <summary>Removes everything of that name that is there.</summary>
    public static void Remove(string id)
    {
        if (!Environment.IsPrivilegedProcess || Shell.Find("ip") is null)
            return;
        foreach (var space in Shell.Run("ip", "netns", "list").Split('\n').Select(line => line.Split(' ')[0]).Where(name => name.StartsWith($"rq{id}n", StringComparison.Ordinal)))
            Shell.Run("ip", "netns", "del", space);
        if (Directory.Exists($"/sys/class/net/{Bridge(id)}"))
            Shell.Run("ip", "link", "del", Bridge(id));
    }

    public override (string Host, int Port) AddressOf(int node) => (HostOf(node), Port);

    public override ProcessStartInfo Start(int node, string program, params IEnumerable<string> arguments) =>
        new("ip", ["netns", "exec", Space(node), program, .. arguments]);

    public override void Set(int node, Link link)
    {
        List<string> input = [.. link.Deaf.Select(peer => $"ip saddr {HostOf(peer)} drop")];
        if (link.LossPercent > 0)
            input.AddRange(Enumerable.Range(0, _nodes).Where(peer => peer != node).Select(peer => $"ip saddr {HostOf(peer)} numgen random mod 100 < {link.LossPercent} drop"));
        var output = link.Mute.Select(peer => $"ip daddr {HostOf(peer)} drop");
        var rules = $$"""
            flush ruleset
            table inet chaos {
              chain in { type filter hook input priority 0; {{string.Join("; ", input)}}; }
              chain out { type filter hook output priority 0; {{string.Join("; ", output)}}; }
            }
            """.Replace("; ; }", "; }", StringComparison.Ordinal);
        Shell.Feed(rules, "ip", "netns", "exec", Space(node), "nft", "-f", "-");
        Shell.Run("ip", ["netns", "exec", Space(node), "tc", "qdisc", "replace", "dev", "eth0", "root", .. Discipline(link)]);
    }

    public override void Dispose()
    {
        Remove(_id);
        base.Dispose();
    }

    // The kernel may lack netem; a narrow bucket makes packets wait as well, the longer the more there are.
    private static string[] Discipline(Link link) =>
        link.IsSlow ? ["tbf", "rate", "2mbit", "burst", "16k", "latency", "400ms"] : ["pfifo", "limit", "1000"];

    private void Plug(int node)
    {
        var (space, veth) = (Space(node), $"rv{_id}n{node}");
        Shell.Run("ip", "netns", "add", space);
        Shell.Run("ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", space);
        Shell.Run("ip", "link", "set", veth, "master", Bridge(_id), "up");
        Shell.Run("ip", "-n", space, "addr", "add", $"{HostOf(node)}/24", "dev", "eth0");
        Shell.Run("ip", "-n", space, "link", "set", "eth0", "up");
        Shell.Run("ip", "-n", space, "link", "set", "lo", "up");
    }

    private string HostOf(int node) => node == Link.Clients ? ClientHost : $"{_subnet}.{11 + node}";

    private string Space(int node) => $"rq{_id}n{node}";

    private static string Bridge(string id) => $"rb{id}";
}
