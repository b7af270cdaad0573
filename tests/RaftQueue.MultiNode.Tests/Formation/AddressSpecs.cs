using System.Net.Sockets;
using Akka.Configuration;
using RaftQueue.Client;
using RaftQueue.MultiNode.Tests.Clusters;
using RaftQueue.Node;

namespace RaftQueue.MultiNode.Tests.Formation;

/// <summary>Nodes and clients find each other by names and by addresses of both protocols, however these are written.</summary>
[Trait("Category", "Fault")]
public sealed class AddressSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("raftqueue-address-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("0:0:0:0:0:0:0:1")]
    public async Task F09_A_node_and_its_client_work_over_IPv6_however_the_address_is_written(string host)
    {
        if (!Socket.OSSupportsIPv6)
            return;
        await using var node = Start("n1", ["n1"], $"akka.remote.dot-netty.tcp {{ hostname = \"{host}\", port = 0 }}");

        Assert.StartsWith("akka.tcp://raftqueue@[::1]:", node.Address, StringComparison.Ordinal);
        await UseAsync(node.Address.Split('@')[1], client => client.Hostname = host);
    }

    [Fact]
    public async Task F09_A_node_that_listens_at_every_address_is_reached_at_its_public_one()
    {
        await using var node = Start("n1", ["n1"], "akka.remote.dot-netty.tcp { hostname = 0.0.0.0, public-hostname = LocalHost, port = 0 }");

        Assert.StartsWith("akka.tcp://raftqueue@localhost:", node.Address, StringComparison.Ordinal);
        await UseAsync($"127.0.0.1:{node.Address.Split(':')[^1]}");
    }

    [Fact]
    public async Task F09_Nodes_whose_seeds_name_them_otherwise_than_they_go_by_form_a_cluster()
    {
        string[] members = ["n1", "n2", "n3"];
        var ports = Loopback.FreePorts(3);
        var seeds = string.Join(", ", ports.Select(port => $"\"akka.tcp://raftqueue@localhost:{port}\""));
        var nodes = members.Zip(ports, (name, port) => Start(
            name, members, $"akka.cluster.seed-nodes = [{seeds}]\nakka.remote.dot-netty.tcp {{ hostname = 127.0.0.1, port = {port} }}")).ToList();
        try
        {
            await UseAsync($"localhost:{ports[2]}");
        }
        finally
        {
            await Task.WhenAll(nodes.Select(node => node.StopAsync()));
        }
    }

    private RaftQueueNode Start(string name, string[] members, string hocon) => RaftQueueNode.Start(ConfigurationFactory.ParseString(hocon).WithFallback(
        NodeConfig.Of(name, 0, Path.Combine(_folder, name), members, [], ClusterOptions.Default)));

    private static async Task UseAsync(string address, Action<RaftQueueClientOptions>? configure = null)
    {
        var options = new RaftQueueClientOptions { Nodes = [address], RequestTimeout = Eventually.Deadline };
        configure?.Invoke(options);
        await using var client = await RaftQueueClient.ConnectAsync(options);
        await client.DeclareQueueAsync("orders");
        Assert.Equal("orders", Assert.Single(await client.ListQueuesAsync()).Queue.Value);
    }
}
