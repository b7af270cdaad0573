using RaftQueue.Client.Connection;
using RaftQueue.Contracts.Addressing;
using RaftQueue.Contracts.Hocon;
using Xunit;

namespace RaftQueue.Node.Tests.Client;

/// <summary>Addresses as people write them: read in one way everywhere, or refused with the reason.</summary>
[Trait("Category", "Fault")]
public sealed class AddressTests
{
    [Theory]
    [InlineData("127.0.0.1:7001", "akka.tcp://raftqueue@127.0.0.1:7001")]
    [InlineData("localhost:7001", "akka.tcp://raftqueue@localhost:7001")]
    [InlineData("Node-1.Example:7001", "akka.tcp://raftqueue@node-1.example:7001")]
    [InlineData("n_1:7001", "akka.tcp://raftqueue@n_1:7001")]
    [InlineData("[::1]:7001", "akka.tcp://raftqueue@[::1]:7001")]
    [InlineData("[0:0:0:0:0:0:0:1]:7001", "akka.tcp://raftqueue@[::1]:7001")]
    [InlineData("[::ffff:10.0.0.1]:7001", "akka.tcp://raftqueue@10.0.0.1:7001")]
    [InlineData("akka.tcp://raftqueue@[::1]:7001", "akka.tcp://raftqueue@[::1]:7001")]
    [InlineData("akka.tcp://other@N1:7001/", "akka.tcp://other@n1:7001")]
    public void F09_An_address_of_a_node_is_read(string node, string address) => Assert.Equal(address, Assert.Single(NodeAddresses.Resolve([node], "raftqueue")));

    [Theory]
    [InlineData("::1:7001", "an IPv6 address stands in brackets before its port")]
    [InlineData("::1", "an IPv6 address stands in brackets before its port, such as [::1]:7001")]
    [InlineData("fe80::1%eth0:7001", "in brackets")]
    [InlineData("[fe80::1%eth0]:7001", "scope of a link-local address")]
    [InlineData("0.0.0.0:7001", "stands for every address of a machine")]
    [InlineData("[::]:7001", "stands for every address of a machine")]
    [InlineData("n1", "the port is missing")]
    [InlineData("n1:", "not a port from 1 to 65535")]
    [InlineData("n1:0", "not a port from 1 to 65535")]
    [InlineData("n1:70001", "not a port from 1 to 65535")]
    [InlineData("n1:+7", "not a port from 1 to 65535")]
    [InlineData(":7001", "the host is missing")]
    [InlineData("127.1:7001", "not a whole IPv4 address")]
    [InlineData("1:7001", "not a whole IPv4 address")]
    [InlineData("256.1.1.1:7001", "not an IPv4 address")]
    [InlineData("n 1:7001", "white space")]
    [InlineData("[n1]:7001", "is not an IPv6 address")]
    [InlineData("n1:7001/queue", "a scheme or a path does not belong here")]
    [InlineData("http://n1:7001", "the name of the actor system is missing")]
    [InlineData("http://raftqueue@n1:7001", "does not begin with akka.tcp://")]
    [InlineData("akka.tcp://raftqueue@::1:7001", "in brackets")]
    [InlineData("akka.tcp://raftqueue@n1", "the port is missing")]
    [InlineData("akka.ssl.tcp://raftqueue@n1:7001", "a node that uses TLS, and raftqueue.tls.enabled is off here")]
    public void F09_What_is_no_address_of_a_node_is_refused_with_the_reason(string node, string reason)
    {
        var refused = Assert.Throws<RaftQueueConfigurationException>(() => NodeAddresses.Resolve([node], "raftqueue"));

        Assert.Equal("raftqueue.client.nodes", refused.Path);
        Assert.Contains($"'{node}'", refused.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost", 7001, "127.0.0.1", 7001, true)]
    [InlineData("[::1]", 7001, "[::1]", 7001, true)]
    [InlineData("localhost", 7001, "127.0.0.1", 7002, false)]
    [InlineData("127.0.0.1", 7001, "127.0.0.2", 7001, false)]
    public void F09_Two_texts_mean_the_same_place_where_they_lead_to_one_address(string host, int port, string other, int otherPort, bool isSame) =>
        Assert.Equal(isSame, new HostAndPort(host, port).IsSameAs(new HostAndPort(other, otherPort)));
}
